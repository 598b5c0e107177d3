import Settings
public import Tensors

/// The network returns u = alpha' z + beta' eps: flow matching as the reference does it.
public struct VelocityPrediction: Prediction {
    public static let name = "velocity"
    public static let summary =
        "The network returns the velocity alpha' z + beta' eps (Lipman et al. 2023); finite at both ends, where to begin."

    public init() {}

    public func combination(_ path: PathCoefficients) -> (data: Tensor, noise: Tensor) {
        (path.alphaDerivative, path.betaDerivative)
    }

    /// The output itself: nothing is lost on the way through data and noise.
    public func velocity(of output: Tensor, at x: Tensor, _ path: PathCoefficients) -> Tensor { output }
}
