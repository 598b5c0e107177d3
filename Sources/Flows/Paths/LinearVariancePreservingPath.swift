import Settings
public import Tensors

/// alpha = t, beta = sqrt(1 - t^2): the variance of x_t is kept where data has variance 1, the data's share grows evenly
/// (facebookresearch/flow_matching's linear VP scheduler).
///
/// beta' = -t / beta is infinite at t = 1: no time above ``regularTimes`` is taken.
public struct LinearVariancePreservingPath: ProbabilityPath {
    public static let name = "linear-vp"
    public static let summary =
        "alpha = t, beta = sqrt(1 - t^2): keeps the variance of normalised data; its speed is infinite at t = 1 (Lipman "
        + "et al. 2024)."

    public var regularTimes: ClosedRange<Double> { 0...0.999 }

    public init() {}

    public func coefficients(at time: Tensor) -> PathCoefficients {
        let one = Tensor(1, shape: time.shape, elementType: time.elementType)
        // A factor (1 - t) instead of 1 - t^2 keeps the digits near t = 1.
        let beta = sqrt((1 - time) * (1 + time))
        return PathCoefficients(alpha: time, beta: beta, alphaDerivative: one, betaDerivative: -(time / beta))
    }
}
