public import Settings
public import Tensors

/// The network returns the gradient of log p_t(x), which is -E[eps | x] / beta (Song and Ermon 2019; Song et al. 2021).
///
/// It has no bound near t = 1, where beta is 0, and the data it implies none near t = 0, where alpha is: no time outside
/// ``regularTimes(on:)`` is taken. The target grows as 1 / beta, so that a weighting belongs to it.
public struct ScorePrediction: Prediction {
    public static let name = "score"
    public static let summary =
        "The network returns the score -eps / beta (Song et al. 2021); use it with a weighting, such as noise."

    @Setting(
        "Whether the data that the score implies is clamped to [-1, 1] while samples are drawn.", role: .recording)
    public var clampsData = true

    public init() {}

    public func regularTimes(on path: any ProbabilityPath) -> ClosedRange<Double> { 0.001...0.999 }

    public func combination(_ path: PathCoefficients) -> (data: Tensor, noise: Tensor) {
        (path.constant(0), -1 / path.beta)
    }

    public func followedVelocity(of output: Tensor, at x: Tensor, _ path: PathCoefficients) -> Tensor {
        let noise = -(path.beta * output)
        let data = (x - path.beta * noise) / path.alpha
        return path.alphaDerivative * (clampsData ? clampedToPixels(data) : data) + path.betaDerivative * noise
    }

    public func target(_ point: PathPoint) -> Tensor { -(point.noise / point.coefficients.beta) }
}
