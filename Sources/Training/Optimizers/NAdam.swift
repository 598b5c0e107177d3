import Foundation
public import Settings
import StableHLO
public import Tensors

/// Adam with Nesterov's momentum (Dozat 2016, "Incorporating Nesterov momentum into Adam") in PyTorch's form.
///
/// The momentum of step t is mu_t = beta1 (1 - 0.96^(t psi) / 2).
public struct NAdam: Optimizer {
    public static let name = "nadam"
    public static let title = "NAdam"
    public static let summary = "Adam with Nesterov's momentum (Dozat 2016)."
    public static let stateNames = AdamRule.stateNames

    @Setting("Learning rate, after warm-up.", .above(0)) public var learningRate = 2e-3
    @Setting("Decay of the gradients' mean.", .from(0, below: 1)) public var beta1 = 0.9
    @Setting("Decay of the mean of their squares.", .from(0, below: 1)) public var beta2 = 0.999
    @Setting("Added to the root of the mean square.", .above(0)) public var epsilon = 1e-8
    @Setting("psi, how fast the momentum grows to beta1.", .above(0)) public var momentumDecay = 4e-3

    public init() {}

    public func update(
        _ weights: MovingWeights, step: Tensor, learningRate: Tensor, averageDecay: Tensor
    ) -> MovingWeights {
        let number = step + 1
        func momentum(_ step: Tensor) -> Tensor { beta1 * (1 - 0.5 * exp(step * logDecay)) }
        let (now, next) = (momentum(number), momentum(number + 1))
        let product = momentumProduct(number)
        let ofGradient = learningRate * (1 - now) / (1 - product)
        let ofMean = learningRate * next / (1 - product * next)
        let correction = 1 - Tensor(beta2).power(number)
        var moved = weights
        for (index, gradient) in weights.gradients.enumerated() {
            let mean = weights.states[0][index] * beta1 + gradient * (1 - beta1)
            let square = weights.states[1][index] * beta2 + gradient * gradient * (1 - beta2)
            let denominator = sqrt(square / correction) + epsilon
            moved.states[0][index] = mean
            moved.states[1][index] = square
            moved.values[index] = weights.values[index] - (ofGradient * gradient + ofMean * mean) / denominator
        }
        moved.moveAverages(decay: averageDecay)
        return moved
    }

    /// log 0.96^psi
    private var logDecay: Double { momentumDecay * Foundation.log(0.96) }

    /// mu_1 ... mu_t without a loop: log (1 - q / 2) is the sum over k of -(q / 2)^k / k, and with q = 0.96^(t psi) the sum
    /// over t of each term is geometric. Twenty-four terms are exact in float32.
    private func momentumProduct(_ step: Tensor) -> Tensor {
        let terms = (1...24).map { k -> Tensor in
            let rate = Double(k) * logDecay
            let factor = Foundation.exp(rate) / (pow(2, Double(k)) * Double(k) * Foundation.expm1(rate))
            return expMinusOne(step * rate) * -factor
        }
        return Tensor(beta1).power(step) * exp(terms.dropFirst().reduce(terms[0], +))
    }
}
