public import FlowMatching

/// alpha = s(t), beta = 1 - s(t) along the smooth step s = 3 t^2 - 2 t^3: straight lines that start and arrive slowly.
public struct SmoothPath: ProbabilityPath {
    public static let name = "smooth"
    public static let summary = "Straight lines that start and arrive slowly: alpha = 3 t^2 - 2 t^3, beta = 1 - alpha."

    public init() {}

    /// At both ends nothing moves, and a velocity says nothing about data and noise.
    public var regularTimes: ClosedRange<Double> { 0.001...0.999 }

    public func coefficients(at time: Tensor) -> PathCoefficients {
        let alpha = time * time * (3 - 2 * time)
        let slope = 6 * time * (1 - time)
        return PathCoefficients(alpha: alpha, beta: 1 - alpha, alphaDerivative: slope, betaDerivative: -slope)
    }
}
