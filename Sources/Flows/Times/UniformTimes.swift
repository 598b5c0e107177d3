import Settings
public import Tensors

/// t ~ U[0, 1).
public struct UniformTimes: TimeDistribution {
    public static let name = "uniform"
    public static let summary = "All times alike; where to begin."

    public init() {}

    public func times(of uniform: Tensor) -> Tensor { uniform }
}
