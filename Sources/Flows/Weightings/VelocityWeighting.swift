import Settings
public import Tensors

/// The error counts as that of the velocity it implies: every prediction has the loss of flow matching (Lipman et al. 2024,
/// "Flow matching guide and code").
public struct VelocityWeighting: Weighting {
    public static let name = "velocity"
    public static let summary =
        "The error counts as that of the velocity it implies (Lipman et al. 2024): makes predictions comparable."

    public init() {}

    public func weights(_ path: PathCoefficients, of prediction: any Prediction) -> Tensor? {
        prediction.velocityErrorScale(path).squared()
    }
}
