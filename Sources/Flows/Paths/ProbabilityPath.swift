public import Settings
public import Tensors

/// The Gaussian conditional path x_t = alpha(t) z + beta(t) eps from noise eps at t = 0 to data z at t = 1
/// (Lipman et al. 2023, "Flow matching for generative modeling", eq. 10).
public protocol ProbabilityPath: SettingKind {
    /// alpha, beta and their time derivatives.
    ///
    /// - Parameter time: any shape
    func coefficients(at time: Tensor) -> PathCoefficients

    /// Times at which all four coefficients are finite, and a velocity at a point determines data and noise there.
    ///
    /// Training and sampling hold times inside; see ``VelocityField/regularTimes``.
    var regularTimes: ClosedRange<Double> { get }
}

extension ProbabilityPath {
    public var regularTimes: ClosedRange<Double> { 0...1 }

    /// The point at `time` on the path from `noise` to `data`.
    ///
    /// - Parameters:
    ///   - data: (batch, ...)
    ///   - noise: of the shape of `data`
    ///   - time: (batch)
    public func point(data: Tensor, noise: Tensor, time: Tensor) -> PathPoint {
        let c = coefficients(at: time.column(rank: data.rank))
        return PathPoint(x: c.alpha * data + c.beta * noise, data: data, noise: noise, time: time, coefficients: c)
    }
}

/// alpha, beta and their time derivatives, each of the shape of the time they were asked for.
public struct PathCoefficients: Sendable {
    /// How much of the data is in the point.
    public let alpha: Tensor
    /// How much of the noise is in the point.
    public let beta: Tensor
    /// The derivative of alpha by the time.
    public let alphaDerivative: Tensor
    /// The derivative of beta by the time.
    public let betaDerivative: Tensor

    /// All of one shape.
    public init(alpha: Tensor, beta: Tensor, alphaDerivative: Tensor, betaDerivative: Tensor) {
        self.alpha = alpha
        self.beta = beta
        self.alphaDerivative = alphaDerivative
        self.betaDerivative = betaDerivative
    }

    /// alpha^2 / beta^2, infinite where beta is 0.
    public var signalToNoiseRatio: Tensor { (alpha * alpha) / (beta * beta) }
}

/// A point of a conditional path with its ends.
public struct PathPoint: Sendable {
    /// x_t, the shape of the data.
    public let x: Tensor
    /// z
    public let data: Tensor
    /// eps
    public let noise: Tensor
    /// t, (batch)
    public let time: Tensor
    /// At the times, (batch, 1, ...).
    public let coefficients: PathCoefficients

    /// u_t(x_t | z) = alpha' z + beta' eps, which loses no digits as t approaches 1.
    public var velocity: Tensor { coefficients.alphaDerivative * data + coefficients.betaDerivative * noise }
}

extension Tensor {
    /// (batch) as (batch, 1, ..., 1), to be broadcast against tensors of that rank.
    func column(rank: Int) -> Tensor { reshaped(to: [shape[0]] + [Int](repeating: 1, count: rank - 1)) }
}
