public import Settings
public import Tracing

/// The weight of each image's squared error, by its time.
public protocol Weighting: SettingKind {
    /// Factors of the shape of the coefficients, or nil for 1 everywhere.
    ///
    /// - Parameter path: coefficients at the images' times
    func weights(_ path: PathCoefficients, of prediction: any Prediction) -> Tensor?
}

/// The kinds of weighting.
public enum Weightings {
    public static let registry = Registry<any Weighting>(
        "How much an image's error counts, by its time.",
        [
            UniformWeighting(),
            MinimumSNRWeighting(),
        ])
}
