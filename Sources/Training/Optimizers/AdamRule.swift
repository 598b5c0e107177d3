import Tensors

/// The step that Adam and AdamW have in common, as one composite over all weights.
struct AdamRule {
    let beta1: Double
    let beta2: Double
    let epsilon: Double
    let weightDecay: Double

    /// PyTorch's names of the means of the gradients and of their squares.
    static let stateNames = ["exp_avg", "exp_avg_sq"]

    func update(
        _ weights: MovingWeights, step: Tensor, learningRate: Tensor, averageDecay: Tensor
    ) -> MovingWeights {
        let number = step + 1
        let scalars = [
            learningRate, Tensor(beta1), Tensor(beta2), Tensor(epsilon), Tensor(weightDecay),
            1 - Tensor(beta1).power(number), 1 - Tensor(beta2).power(number), averageDecay,
        ]
        let packed = Tensor.concatenated(scalars.map { $0.reshaped(to: [1]) }, along: 0)
        let count = weights.values.count
        let operands =
            [packed] + weights.values + weights.gradients + weights.states.flatMap { $0 } + weights.averages
        // Results stand over what they replace; of the operands, the gradients alone are not replaced.
        let replaced = (1..<operands.count).filter { !(1 + count..<1 + 2 * count).contains($0) }
        let results = Composite.apply(
            "flow.adam", to: operands, aliases: Dictionary(uniqueKeysWithValues: replaced.enumerated().map { ($0, $1) })
        ) { operands in
            func list(_ index: Int) -> [Tensor] {
                Array(operands.dropFirst()[(1 + index * count)..<min(operands.count, 1 + (index + 1) * count)])
            }
            let averages = operands.count > 1 + 4 * count ? list(4) : []
            let next = moved(
                MovingWeights(
                    values: list(0), gradients: list(1), states: [list(2), list(3)], averages: averages), operands[0])
            return next.values + next.states[0] + next.states[1] + next.averages
        }
        func part(_ index: Int) -> [Tensor] {
            Array(results[(index * count)..<min(results.count, (index + 1) * count)])
        }
        return MovingWeights(
            values: part(0), gradients: weights.gradients, states: [part(1), part(2)],
            averages: results.count > 3 * count ? part(3) : [])
    }

    /// - Parameter numbers: the eight above
    private func moved(_ weights: MovingWeights, _ numbers: Tensor) -> MovingWeights {
        func number(_ index: Int) -> Tensor { numbers.sliced(index..<index + 1, along: 0).reshaped(to: []) }
        let (rate, beta1, beta2, epsilon) = (number(0), number(1), number(2), number(3))
        var next = weights
        for index in weights.values.indices {
            let (value, gradient) = (weights.values[index], weights.gradients[index])
            let mean = weights.states[0][index]
            let first = mean + (gradient - mean) * (1 - beta1)
            let second = weights.states[1][index] * beta2 + gradient * gradient * (1 - beta2)
            let denominator = sqrt(second) / sqrt(number(6)) + epsilon
            next.values[index] = value * (1 - rate * number(4)) - (rate / number(5)) * (first / denominator)
            next.states[0][index] = first
            next.states[1][index] = second
        }
        next.moveAverages(decay: number(7))
        return next
    }
}
