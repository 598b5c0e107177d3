public import Settings
import StableHLO
public import Tensors

/// log(t / (1 - t)) ~ N(mean, deviation^2): more of the middle of the path (Esser et al. 2024, "Scaling rectified flow
/// transformers", section 3.1).
public struct LogitNormalTimes: TimeDistribution {
    public static let name = "logit-normal"
    public static let summary =
        "The logit of the time is normal (Esser et al. 2024): more of the middle of the path, where it is hardest."

    @Setting("Mean of log(t / (1 - t)); above 0 leans to the data.") public var mean = 0.0
    @Setting("Standard deviation of log(t / (1 - t)).", .above(0)) public var deviation = 1.0

    public init() {}

    public func times(of uniform: Tensor) -> Tensor {
        let normal = (2 * uniform - 1).unary(.erfInverse) * 2.0.squareRoot()
        return sigmoid(mean + deviation * normal)
    }
}
