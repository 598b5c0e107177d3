import Settings
public import Tensors

/// Every time counts the same.
public struct UniformWeighting: Weighting {
    public static let name = "uniform"
    public static let summary =
        "Every time counts the same, the output's own error; for velocity and noise, where to begin."

    public init() {}

    public func weights(_ path: PathCoefficients, of prediction: any Prediction) -> Tensor? { nil }
}
