import Settings
public import Tensors

/// alpha = sin(pi t / 2), beta = cos(pi t / 2): the variance of x_t is kept where data has variance 1 (Albergo et al. 2023,
/// "Stochastic interpolants", trigonometric; SiT's GVP).
public struct CosinePath: ProbabilityPath {
    public static let name = "cosine"
    public static let summary =
        "A quarter circle: alpha = sin(pi t / 2), beta = cos(pi t / 2) (GVP, Albergo et al. 2023); keeps the variance of "
        + "normalised data."

    public init() {}

    public func coefficients(at time: Tensor) -> PathCoefficients {
        let quarter = Double.pi / 2
        let (sine, cosine) = (sin(time * quarter), cos(time * quarter))
        return PathCoefficients(
            alpha: sine, beta: cosine, alphaDerivative: cosine * quarter, betaDerivative: sine * -quarter)
    }
}
