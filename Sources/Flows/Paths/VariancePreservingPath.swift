public import Settings
public import Tensors

/// The forward process of denoising diffusion in continuous time, run backwards: alpha = exp(-T / 2), beta = sqrt(1 -
/// exp(-T)) with T = s^2 (beta_max - beta_min) / 2 + s beta_min and s = 1 - t (Song et al. 2021, "Score-based generative
/// modeling through stochastic differential equations", eq. 33).
///
/// beta' is infinite at t = 1: no time above ``regularTimes`` is taken. At t = 0 a trace of data is left, alpha = 0.0066 at
/// the default rates.
public struct VariancePreservingPath: ProbabilityPath {
    public static let name = "vp"
    public static let summary =
        "The variance-preserving diffusion (Ho et al. 2020; Song et al. 2021, eq. 33); for comparison with denoising "
        + "diffusion, best with noise prediction."

    @Setting("The rate at which noise is added at the data.", .above(0)) public var betaMin = 0.1
    @Setting("The rate at which noise is added at the noise.", .above(0)) public var betaMax = 20.0

    public var regularTimes: ClosedRange<Double> { 0...0.999 }

    public init() {}

    public func conflicts() -> [SettingConflict] {
        betaMin < betaMax ? [] : [SettingConflict("beta_max", mustBe: "above beta_min, \(betaMin)")]
    }

    public func coefficients(at time: Tensor) -> PathCoefficients {
        let rest = 1 - time
        let integral = rest * (rest * (0.5 * (betaMax - betaMin)) + betaMin)
        let rate = rest * (betaMax - betaMin) + betaMin
        let alpha = exp(-0.5 * integral)
        // 1 - exp(-T) near T = 0, without loss of digits.
        let beta = sqrt(-expMinusOne(-integral))
        return PathCoefficients(
            alpha: alpha, beta: beta, alphaDerivative: 0.5 * rate * alpha,
            betaDerivative: -0.5 * rate * alpha.squared() / beta)
    }
}
