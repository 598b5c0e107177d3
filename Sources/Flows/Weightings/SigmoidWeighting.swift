import Foundation
public import Settings
public import Tensors

/// The noise's error counts sigmoid(bias - log SNR), which falls where hardly any noise is left (Kingma and Gao 2023,
/// "Understanding diffusion objectives as the ELBO with simple data augmentation"; Hoogeboom et al. 2024, "Simpler
/// diffusion").
public struct SigmoidWeighting: Weighting {
    public static let name = "sigmoid"
    public static let summary =
        "The noise's error counts sigmoid(bias - log SNR) (Kingma and Gao 2023): less of what cannot be seen."

    @Setting("Where the weight is half: the logarithm of the signal-to-noise ratio.") public var bias = 2.0

    public init() {}

    public func weights(_ path: PathCoefficients, of prediction: any Prediction) -> Tensor? {
        // (alpha / determinant)^2 / (1 + alpha^2 / beta^2 exp(-bias)), without the quotient that is infinite at t = 1.
        let (alpha, beta) = (path.alpha.squared(), path.beta.squared())
        let share = beta / (beta + alpha * Foundation.exp(-bias))
        return alpha * share / prediction.determinant(path).squared()
    }
}
