public import Settings
public import Tensors

/// The same learning rate always, after a warm-up.
public struct ConstantSchedule: LearningRateSchedule {
    public static let name = "constant"
    public static let summary = "The same learning rate always."

    @Setting("Steps over which the learning rate rises from 0.", unit: "steps", .atLeast(0)) public var warmupSteps = 0

    public init() {}

    public func learningRate(peak: Double, after step: Tensor, of total: Int) -> Tensor {
        warmedUp(peak, after: step, over: warmupSteps)
    }
}
