import Settings
public import Tensors

/// The error counts as that of the noise it implies, SNR times that of the data: the simple loss of denoising diffusion
/// (Ho et al. 2020, eq. 14), and for the score the weight beta^2 (Song et al. 2021, eq. 7).
public struct NoiseWeighting: Weighting {
    public static let name = "noise"
    public static let summary =
        "The error counts as that of the noise it implies (Ho et al. 2020): beta^2 for the score (Song et al. 2021)."

    public init() {}

    public func weights(_ path: PathCoefficients, of prediction: any Prediction) -> Tensor? {
        // |d eps / d output| = alpha / |determinant| = (alpha / beta) |dz / d output|.
        (path.alpha / prediction.determinant(path)).squared()
    }
}
