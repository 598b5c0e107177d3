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

    /// Moves weights, moments and averages by one step.
    ///
    /// - Parameters:
    ///   - step: steps done before, a float32 scalar
    ///   - averageDecay: of the exponential moving average this step, a scalar
    func update(
        _ weights: [MovingWeight], step: Tensor, averageDecay: Tensor
    ) -> [MovingWeight] {
        let number = step + 1
        let corrections = (first: 1 - Tensor(beta1).power(number), second: 1 - Tensor(beta2).power(number))
        let scalars = [
            learningRate(after: step), Tensor(beta1), Tensor(beta2), Tensor(epsilon), Tensor(weightDecay),
            corrections.first, corrections.second, averageDecay,
        ]
        let packed = Tensor.concatenated(scalars.map { $0.reshaped(to: [1]) }, along: 0)
        return weights.map { moved($0, packed) }
    }

    /// Operands of the kernel: the eight numbers above, then value, gradient, both moments and the average.
    private func moved(_ weight: MovingWeight, _ numbers: Tensor) -> MovingWeight {
        let average = weight.average.map { [$0] } ?? []
        let operands = [numbers, weight.value, weight.gradient, weight.firstMoment, weight.secondMoment] + average
        let aliases = [0: 1, 1: 3, 2: 4].merging(average.isEmpty ? [:] : [3: 5]) { a, _ in a }
        let results = Composite.apply("flow.adam", to: operands, aliases: aliases) { operands in
            func number(_ index: Int) -> Tensor { operands[0].sliced(index..<index + 1, along: 0).reshaped(to: []) }
            let (rate, beta1, beta2, epsilon) = (number(0), number(1), number(2), number(3))
            let (value, gradient) = (operands[1], operands[2])
            let first = operands[3] + (gradient - operands[3]) * (1 - beta1)
            let second = operands[4] * beta2 + gradient * gradient * (1 - beta2)
            let denominator = sqrt(second) / sqrt(number(6)) + epsilon
            let decayed = value * (1 - rate * number(4))
            let next = decayed - (rate / number(5)) * (first / denominator)
            let averages = operands.dropFirst(5).map { $0 + (next - $0) * (1 - number(7)) }
            return [next, first, second] + averages
        }
        return MovingWeight(
            value: results[0], gradient: weight.gradient, firstMoment: results[1], secondMoment: results[2],
            average: average.isEmpty ? nil : results[3])
    }
}

/// One trained array and what moves with it.
struct MovingWeight {
    let value: Tensor
    let gradient: Tensor
    let firstMoment: Tensor
    let secondMoment: Tensor
    let average: Tensor?
}
