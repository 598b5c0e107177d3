public import Settings
public import Tensors

/// The network returns z, the image without its noise (x0-prediction of Ho et al. 2020; Salimans and Ho 2022, section 4).
///
/// The noise it implies is (x - alpha z) / beta: near t = 1 an error of the output is magnified without bound, so no time
/// above ``regularTimes(on:)`` is taken (SiT's `sample_eps`).
public struct DataPrediction: Prediction {
    public static let name = "data"
    public static let summary =
        "The network returns the data z (x0-prediction, Ho et al. 2020); for networks that should output images."

    @Setting("Whether the data is clamped to [-1, 1] while samples are drawn.", role: .recording)
    public var clampsData = true

    public init() {}

    public func regularTimes(on path: any ProbabilityPath) -> ClosedRange<Double> { 0...0.999 }

    public func combination(_ path: PathCoefficients) -> (data: Tensor, noise: Tensor) {
        (path.constant(1), path.constant(0))
    }

    public func followedVelocity(of output: Tensor, at x: Tensor, _ path: PathCoefficients) -> Tensor {
        let data = clampsData ? clampedToPixels(output) : output
        return path.alphaDerivative * data + path.betaDerivative * ((x - path.alpha * data) / path.beta)
    }

    public func target(_ point: PathPoint) -> Tensor { point.data }
}
