public import Settings
public import Tensors

/// The weight of each image's squared error, by its time.
public protocol Weighting: SettingKind {
    /// Factors of the shape of the coefficients, which count an error the same whatever is predicted; or nil for the
    /// output's own error.
    ///
    /// - Parameters:
    ///   - path: coefficients at the images' times, at which path and prediction are regular
    ///   - prediction: what the network's output means
    func weights(_ path: PathCoefficients, of prediction: any Prediction) -> Tensor?
}

/// The kinds of weighting.
public enum Weightings {
    /// All kinds, in the order of the manual.
    public static let registry = Registry<any Weighting>(
        "How much an image's error counts, by its time.",
        [
            UniformWeighting(),
            MinimumSNRWeighting(),
            VelocityWeighting(),
            NoiseWeighting(),
            DataWeighting(),
            SigmoidWeighting(),
        ])
}
