import Charts

/// Losses at some of the steps of a run, in rising order of step.
public struct LossSeries: Codable, Sendable, Equatable {
    /// Steps, the first of a run being 1.
    public private(set) var steps: [Int]
    /// The loss at each of `steps`; `nil` where it was not finite.
    public private(set) var losses: [Double?]

    /// - Precondition: none: where the two differ in length, the longer one is cut.
    public init(steps: [Int], losses: [Double]) {
        let count = min(steps.count, losses.count)
        self.steps = Array(steps.prefix(count))
        self.losses = losses.prefix(count).map { $0.isFinite ? $0 : nil }
    }

    /// The series as points of a chart, gaps where the loss was not finite.
    var points: [ChartPoint] {
        zip(steps, losses).map { ChartPoint(x: Double($0), y: $1 ?? .nan) }
    }
}

/// The training loss of a run: its last values in figures, its course thinned for a plot.
public struct LossReport: Codable, Sendable, Equatable {
    /// The mean loss of the last `window` steps.
    public struct FinalMean: Codable, Sendable, Equatable {
        public var window: Int
        @NullIfNotFinite public var mean: Double
    }

    /// The windows of the final means, largest first.
    public static let windows = [1000, 500, 100, 50]
    /// At most this many stretches of the run are kept.
    static let thinnedCount = 500

    /// How many steps were run.
    public let steps: Int
    /// The loss of the last step.
    @NullIfNotFinite public private(set) var last: Double
    /// The mean over the last 1,000, 500, 100 and 50 steps: those windows that the run is long enough for.
    public let finalMeans: [FinalMean]
    /// The loss of single steps: the lowest and the highest of each stretch of a long run.
    public let series: LossSeries
    /// How many steps ``smoothed`` averages over.
    public let smoothingWindow: Int
    /// The centred running mean over ``smoothingWindow`` steps.
    public let smoothed: LossSeries

    /// - Parameter losses: the loss of every step, in order.
    public init(losses: [Double]) {
        steps = losses.count
        _last = NullIfNotFinite(wrappedValue: losses.last ?? .nan)
        finalMeans = Self.windows.filter { $0 <= losses.count }.map { window in
            FinalMean(window: window, mean: losses.suffix(window).reduce(0, +) / Double(window))
        }
        smoothingWindow = min(100, max(1, losses.count / 20))
        let points = losses.enumerated().map { ChartPoint(x: Double($0 + 1), y: $1) }
        let thinned = points.decimated(columns: Self.thinnedCount).filter { $0.x.isFinite }
        series = LossSeries(steps: thinned.map { Int($0.x) }, losses: thinned.map(\.y))
        let means = losses.smoothed(window: smoothingWindow)
        let stride = max(1, (losses.count + Self.thinnedCount - 1) / Self.thinnedCount)
        // Counted back from the last step, so that the curve ends where the run did.
        let kept = means.indices.filter { (means.count - 1 - $0).isMultiple(of: stride) }
        smoothed = LossSeries(steps: kept.map { $0 + 1 }, losses: kept.map { means[$0] })
    }

    /// The mean over the last `window` steps, if the run was that long.
    public func finalMean(over window: Int) -> Double? {
        finalMeans.first { $0.window == window }?.mean
    }
}

/// The loss on images that were not trained on, at some steps of a run.
public struct HeldOutReport: Codable, Sendable, Equatable {
    /// With the weights as they were at each step.
    public var weights: LossSeries
    /// With their exponential moving average; absent where none was kept.
    public var averagedWeights: LossSeries?

    public init(weights: LossSeries, averagedWeights: LossSeries? = nil) {
        self.weights = weights
        self.averagedWeights = averagedWeights
    }
}
