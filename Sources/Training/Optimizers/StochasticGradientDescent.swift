public import Settings
public import Tensors

/// Stochastic gradient descent with momentum, in PyTorch's form (Sutskever et al. 2013).
public struct StochasticGradientDescent: Optimizer {
    public static let name = "sgd"
    public static let title = "SGD"
    public static let summary = "Stochastic gradient descent with momentum."
    public static let stateNames = ["momentum_buffer"]

    @Setting("Learning rate, after warm-up.", .above(0)) public var learningRate = 1e-5
    @Setting("How much of the last movement goes on.", .from(0, below: 1)) public var momentum = 0.9
    @Setting("Whether the gradient counts as after the movement (Nesterov).") public var nesterov = false

    public init() {}

    public func update(
        _ weights: MovingWeights, step: Tensor, learningRate: Tensor, averageDecay: Tensor
    ) -> MovingWeights {
        var next = weights
        for (index, gradient) in weights.gradients.enumerated() {
            let movement = weights.states[0][index] * momentum + gradient
            let direction = nesterov ? gradient + movement * momentum : movement
            next.states[0][index] = movement
            next.values[index] = weights.values[index] - learningRate * direction
        }
        next.moveAverages(decay: averageDecay)
        return next
    }
}
