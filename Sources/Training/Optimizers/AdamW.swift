public import Settings
public import Tensors

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019) in PyTorch's form.
public struct AdamW: Optimizer {
    public static let name = "adamw"
    public static let title = "AdamW"
    public static let summary = "Adam with decoupled weight decay."
    public static let stateNames = AdamRule.stateNames

    @Setting("Learning rate, after warm-up.", .above(0)) public var learningRate = 1e-3
    @Setting("Decay of the gradients' mean.", .from(0, below: 1)) public var beta1 = 0.9
    @Setting("Decay of the mean of their squares.", .from(0, below: 1)) public var beta2 = 0.999
    @Setting("Added to the root of the mean square.", .above(0)) public var epsilon = 1e-8
    @Setting("Fraction of a weight taken off a step and unit of learning rate.", .atLeast(0))
    public var weightDecay = 0.01

    public init() {}

    public func update(
        _ weights: MovingWeights, step: Tensor, learningRate: Tensor, averageDecay: Tensor
    ) -> MovingWeights {
        AdamRule(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
            .update(weights, step: step, learningRate: learningRate, averageDecay: averageDecay)
    }
}
