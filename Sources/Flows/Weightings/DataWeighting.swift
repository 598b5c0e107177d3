import Settings
public import Tensors

/// The error counts as that of the data it implies (Salimans and Ho 2022, section 4, without their truncation).
public struct DataWeighting: Weighting {
    public static let name = "data"
    public static let summary =
        "The error counts as that of the data it implies (Salimans and Ho 2022): most near the noise, what is seen."

    public init() {}

    public func weights(_ path: PathCoefficients, of prediction: any Prediction) -> Tensor? {
        prediction.dataErrorScale(path).squared()
    }
}
