public import Settings
public import Tensors

/// The data's error counts min(SNR, gamma), SNR = alpha^2 / beta^2 (Hang et al. 2023, "Efficient diffusion training via
/// min-SNR weighting strategy").
///
/// A prediction's error is weighted as the data's error that it implies: for noise this is the paper's
/// min(SNR, gamma) / SNR, for velocity on a path of constant speed its min(SNR, gamma) / (SNR + 1).
public struct MinimumSNRWeighting: Weighting {
    public static let name = "min-snr"
    public static let summary =
        "The error of the data counts min(SNR, gamma), SNR = alpha^2 / beta^2 (Hang et al. 2023): all times learn alike."

    @Setting("The signal-to-noise ratio from which on the weight no longer rises.", .above(0)) public var gamma = 5.0

    public init() {}

    public func weights(_ path: PathCoefficients, of prediction: any Prediction) -> Tensor? {
        // min(alpha^2 / beta^2, gamma) (beta / determinant)^2, without the quotients that are infinite at an end.
        (path.alpha.squared().minimum(gamma * path.beta.squared())) / prediction.determinant(path).squared()
    }
}
