public import Settings
public import Tensors

/// alpha = t^n, beta = 1 - t^n: straight lines at a changing speed, longer near the noise (facebookresearch/flow_matching's
/// polynomial convex scheduler).
///
/// At t = 0 nothing moves if n is above 1, and a velocity says nothing about data and noise.
public struct PolynomialPath: ProbabilityPath {
    public static let name = "polynomial"
    public static let summary =
        "Straight lines that start slowly: alpha = t^n, beta = 1 - t^n; spends more of the way near the noise (Lipman et "
        + "al. 2024, \"Flow matching guide and code\")."

    @Setting("The power n of the time.", .from(1, through: 10)) public var degree = 2

    public var regularTimes: ClosedRange<Double> { degree == 1 ? 0...1 : 0.001...1 }

    public init() {}

    public func coefficients(at time: Tensor) -> PathCoefficients {
        let one = Tensor(1, shape: time.shape, elementType: time.elementType)
        // By products: a power of a variable exponent has no value at 0 where it should be 0^0.
        let slope = (1..<degree).reduce(one) { power, _ in power * time }
        let alpha = slope * time
        let derivative = slope * Double(degree)
        return PathCoefficients(
            alpha: alpha, beta: 1 - alpha, alphaDerivative: derivative, betaDerivative: -derivative)
    }
}
