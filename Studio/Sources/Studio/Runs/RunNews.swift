import Training

/// Records of steps, column by column, as a chart takes them.
struct RecordColumns: Encodable, Sendable {
    /// Whether they take the place of what was sent before.
    let isAnew: Bool
    /// The last step of each stretch of steps.
    var step: [Int] = []
    /// Of a stretch: mean, least and greatest.
    var loss: [Double?] = []
    var lowestLoss: [Double?] = []
    var highestLoss: [Double?] = []
    var learningRate: [Double?] = []
    var gradientNorm: [Double?] = []
    var stepsPerSecond: [Double?] = []
    var heldOut: [HeldOut] = []
    var distance: [Distance] = []

    struct HeldOut: Encodable, Sendable {
        let step: Int
        let raw: Double?
        let averaged: Double?
    }

    struct Distance: Encodable, Sendable {
        let step: Int
        let value: Double?
    }

    /// - Parameter most: stretches; a long run is told in longer ones
    init(_ records: some Collection<StepRecord>, isAnew: Bool, most: Int = 600) {
        self.isAnew = isAnew
        let length = max(1, (records.count + most - 1) / most)
        var rest = records[...]
        while !rest.isEmpty {
            add(stretch: Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
    }

    private mutating func add(stretch: [StepRecord]) {
        func mean(_ value: (StepRecord) -> Double) -> Double? {
            (stretch.reduce(0) { $0 + value($1) } / Double(stretch.count)).ifFinite
        }
        guard let last = stretch.last else { return }
        step.append(last.step)
        loss.append(mean(\.loss))
        lowestLoss.append(stretch.map(\.loss).min()?.ifFinite)
        highestLoss.append(stretch.map(\.loss).max()?.ifFinite)
        learningRate.append(last.learningRate.ifFinite)
        gradientNorm.append(mean(\.gradientNorm))
        stepsPerSecond.append(mean(\.seconds).flatMap { (1 / $0).ifFinite })
        for record in stretch {
            if record.validationLoss != nil || record.validationLossAveraged != nil {
                heldOut.append(
                    HeldOut(
                        step: record.step, raw: record.validationLoss?.ifFinite,
                        averaged: record.validationLossAveraged?.ifFinite))
            }
            if let value = record.frechetDistance {
                distance.append(Distance(step: record.step, value: value.ifFinite))
            }
        }
    }
}

/// How a run stands now.
struct RunStanding: Encodable, Sendable, Equatable {
    var state: String
    var note: String?
    var step: Int
    var steps: Int
    /// Of the last steps.
    var stepsPerSecond: Double?
    /// Nil where nobody trains it.
    var secondsLeft: Double?
    /// Steps that have a checkpoint.
    var checkpoints: [Int]
    /// Steps that have a picture.
    var pictures: [Int]
}
