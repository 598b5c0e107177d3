public import Settings
public import Tensors

/// The network returns eps, as in denoising diffusion (Ho et al. 2020, eq. 14).
///
/// The data it implies is (x - beta eps) / alpha: where alpha is small, an error of the output is magnified without bound.
/// So no time below ``regularTimes(on:)`` is taken, and while samples are drawn the data is clamped to the range of pixels, as
/// the paper's sampler does.
public struct NoisePrediction: Prediction {
    public static let name = "noise"
    public static let summary =
        "The network returns the noise eps (epsilon-prediction, Ho et al. 2020); as denoising diffusion does."

    @Setting(
        "Whether the data that the noise implies is clamped to [-1, 1] while samples are drawn.", role: .recording)
    public var clampsData = true

    public init() {}

    public func regularTimes(on path: any ProbabilityPath) -> ClosedRange<Double> { 0.001...1 }

    public func combination(_ path: PathCoefficients) -> (data: Tensor, noise: Tensor) {
        (path.constant(0), path.constant(1))
    }

    public func followedVelocity(of output: Tensor, at x: Tensor, _ path: PathCoefficients) -> Tensor {
        let data = ends(of: output, at: x, path).data
        return path.alphaDerivative * (clampsData ? clampedToPixels(data) : data) + path.betaDerivative * output
    }

    public func target(_ point: PathPoint) -> Tensor { point.noise }
}
