public import Tracing

/// Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019), in PyTorch's form.
public struct Adam: Codable, Sendable, Equatable {
    /// The learning rate after warm-up.
    public var learningRate = 1e-3
    public var beta1 = 0.9
    public var beta2 = 0.999
    public var epsilon = 1e-8
    /// Fraction of a weight taken off per step and unit of learning rate; 0 is plain Adam.
    public var weightDecay = 0.0
    /// Gradients are scaled down to this global norm; 0 leaves them.
    public var gradientClip = 0.0
    /// Steps over which the learning rate rises linearly from 0.
    public var warmupSteps = 0
    /// Step at which a cosine has taken the learning rate to 0; 0 keeps it constant.
    public var decaySteps = 0

    public init() {}

    /// The learning rate of the step after `step` (float32 scalar) steps.
    public func learningRate(after step: Tensor) -> Tensor {
        var rate = Tensor(learningRate)
        if warmupSteps > 0 {
            rate = rate * ((step + 1) / Double(warmupSteps)).minimum(Tensor(1))
        }
        if decaySteps > 0 {
            let span = Double(max(1, decaySteps - warmupSteps))
            let progress = ((step - Double(warmupSteps)) / span).maximum(Tensor(0)).minimum(Tensor(1))
            rate = rate * (0.5 * (1 + cos(progress * Double.pi)))
        }
        return rate
    }

    /// Gradients scaled to the clipping norm, and the norm they had.
    func clipped(_ gradients: [Tensor]) -> (gradients: [Tensor], norm: Tensor) {
        let squares = gradients.map { $0.squared().sum() }
        let norm = sqrt(squares.dropFirst().reduce(squares[0], +))
        guard gradientClip > 0 else { return (gradients, norm) }
        let factor = (gradientClip / (norm + 1e-6)).minimum(Tensor(1))
        return (gradients.map { $0 * factor }, norm)
    }

    /// Moves all weights, moments and averages by one step.
    ///
    /// - Parameters:
    ///   - step: steps done before, a float32 scalar
    ///   - averageDecay: of the exponential moving average this step, a scalar
    func update(_ weights: MovingWeights, step: Tensor, averageDecay: Tensor) -> MovingWeights {
        let number = step + 1
        let scalars = [
            learningRate(after: step), Tensor(beta1), Tensor(beta2), Tensor(epsilon), Tensor(weightDecay),
            1 - Tensor(beta1).power(number), 1 - Tensor(beta2).power(number), averageDecay,
        ]
        let packed = Tensor.concatenated(scalars.map { $0.reshaped(to: [1]) }, along: 0)
        let count = weights.values.count
        let operands = [packed] + weights.flattened
        // Results stand over what they replace; of the operands, the gradients alone are not replaced.
        let replaced = (1..<operands.count).filter { !(1 + count..<1 + 2 * count).contains($0) }
        let results = Composite.apply(
            "flow.adam", to: operands, aliases: Dictionary(uniqueKeysWithValues: replaced.enumerated().map { ($0, $1) })
        ) { operands in
            moved(MovingWeights(Array(operands.dropFirst()), count: count), operands[0]).flattenedWithoutGradients
        }
        return MovingWeights(
            Array(results[..<count]) + weights.gradients + Array(results[count...]), count: count)
    }

    /// - Parameter numbers: the eight above
    private func moved(_ weights: MovingWeights, _ numbers: Tensor) -> MovingWeights {
        func number(_ index: Int) -> Tensor { numbers.sliced(index..<index + 1, along: 0).reshaped(to: []) }
        let (rate, beta1, beta2, epsilon) = (number(0), number(1), number(2), number(3))
        var next = weights
        for index in weights.values.indices {
            let (value, gradient) = (weights.values[index], weights.gradients[index])
            let first = weights.firstMoments[index] + (gradient - weights.firstMoments[index]) * (1 - beta1)
            let second = weights.secondMoments[index] * beta2 + gradient * gradient * (1 - beta2)
            let denominator = sqrt(second) / sqrt(number(6)) + epsilon
            next.values[index] = value * (1 - rate * number(4)) - (rate / number(5)) * (first / denominator)
            next.firstMoments[index] = first
            next.secondMoments[index] = second
            if !weights.averages.isEmpty {
                let average = weights.averages[index]
                next.averages[index] = average + (next.values[index] - average) * (1 - number(7))
            }
        }
        return next
    }
}

/// The trained arrays and what moves with them, one of each a weight; averages may be absent.
struct MovingWeights {
    var values: [Tensor]
    var gradients: [Tensor]
    var firstMoments: [Tensor]
    var secondMoments: [Tensor]
    var averages: [Tensor]

    init(
        values: [Tensor], gradients: [Tensor], firstMoments: [Tensor], secondMoments: [Tensor], averages: [Tensor]
    ) {
        self.values = values
        self.gradients = gradients
        self.firstMoments = firstMoments
        self.secondMoments = secondMoments
        self.averages = averages
    }

    /// Takes a list apart as ``flattened`` put it together.
    init(_ list: [Tensor], count: Int) {
        func part(_ index: Int) -> [Tensor] { Array(list[index * count..<min(list.count, (index + 1) * count)]) }
        self.init(
            values: part(0), gradients: part(1), firstMoments: part(2), secondMoments: part(3),
            averages: list.count > 4 * count ? part(4) : [])
    }

    var flattened: [Tensor] { values + gradients + firstMoments + secondMoments + averages }

    var flattenedWithoutGradients: [Tensor] { values + firstMoments + secondMoments + averages }
}
