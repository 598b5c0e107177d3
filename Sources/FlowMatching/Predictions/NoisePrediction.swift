public import Settings
public import Tracing

/// The network returns eps, as in denoising diffusion (Ho et al. 2020, eq. 14).
///
/// The data it implies is (x - beta eps) / alpha: where alpha is small, an error of the output is magnified without bound.
/// So no time below ``regularTimes`` is taken, and while samples are drawn the data is clamped to the range of pixels, as
/// the paper's sampler does.
public struct NoisePrediction: Prediction {
    public static let name = "noise"
    public static let summary = "The network returns the noise eps (epsilon-prediction)."

    @Setting(
        "Whether the data that the noise implies is clamped to [-1, 1] while samples are drawn.", role: .recording)
    public var clampsData = true

    public var regularTimes: ClosedRange<Double> { 0.001...1 }

    public init() {}

    public func combination(_ path: PathCoefficients) -> (data: Tensor, noise: Tensor) {
        let (shape, type) = (path.alpha.shape, path.alpha.elementType)
        return (Tensor(0, shape: shape, elementType: type), Tensor(1, shape: shape, elementType: type))
    }

    public func followedVelocity(of output: Tensor, at x: Tensor, _ path: PathCoefficients) -> Tensor {
        let data = ends(of: output, at: x, path).data
        func bound(_ value: Double) -> Tensor { Tensor(value, shape: data.shape, elementType: data.elementType) }
        let clamped = clampsData ? data.maximum(bound(-1)).minimum(bound(1)) : data
        return path.alphaDerivative * clamped + path.betaDerivative * output
    }

    public func target(_ point: PathPoint) -> Tensor { point.noise }
}
