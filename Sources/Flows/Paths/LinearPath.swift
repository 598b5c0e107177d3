import Settings
public import Tensors

/// alpha = t, beta = 1 - t: straight lines from noise to data (Lipman et al. 2023; Liu et al. 2023, rectified flow).
public struct LinearPath: ProbabilityPath {
    public static let name = "linear"
    public static let summary =
        "Straight lines: alpha = t, beta = 1 - t (conditional optimal transport, Lipman et al. 2023); where to begin."

    public init() {}

    public func coefficients(at time: Tensor) -> PathCoefficients {
        let one = Tensor(1, shape: time.shape, elementType: time.elementType)
        return PathCoefficients(alpha: time, beta: 1 - time, alphaDerivative: one, betaDerivative: -one)
    }
}
