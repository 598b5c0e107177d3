public import Tracing

/// A point of a conditional path and the velocity there.
public struct PathSample: Sendable {
    /// x_t, the shape of the data.
    public let x: Tensor
    /// u_t(x_t | z), the shape of the data.
    public let velocity: Tensor
    /// t, (batch)
    public let time: Tensor
}

/// The Gaussian conditional path x_t = alpha(t) z + beta(t) eps with its coefficients and their derivatives
/// (Lipman et al. 2023, "Flow matching for generative modeling", eq. 10).
public protocol Scheduler: Sendable {
    /// - Parameter time: any shape.
    func coefficients(at time: Tensor) -> PathCoefficients
}

/// alpha, beta and their time derivatives, each of the shape of the time they were asked for.
public struct PathCoefficients: Sendable {
    public let alpha: Tensor
    public let beta: Tensor
    public let alphaDerivative: Tensor
    public let betaDerivative: Tensor
}

/// alpha = t, beta = 1 - t: straight lines from noise to data (conditional optimal transport).
public struct LinearScheduler: Scheduler {
    public init() {}

    public func coefficients(at time: Tensor) -> PathCoefficients {
        let one = Tensor(1, shape: time.shape, elementType: time.elementType)
        return PathCoefficients(alpha: time, beta: 1 - time, alphaDerivative: one, betaDerivative: -one)
    }
}

/// Samples conditional paths between noise and data.
public struct GaussianPath<Schedule: Scheduler>: Sendable {
    public let scheduler: Schedule

    public init(_ scheduler: Schedule) { self.scheduler = scheduler }

    /// The point at `time` on the path from `noise` to `data`.
    ///
    /// The velocity is alpha' z + beta' eps, which loses no digits as t approaches 1.
    public func sample(data: Tensor, noise: Tensor, time: Tensor) -> PathSample {
        let column = time.reshaped(to: [time.shape[0]] + [Int](repeating: 1, count: data.rank - 1))
        let c = scheduler.coefficients(at: column)
        return PathSample(
            x: c.alpha * data + c.beta * noise, velocity: c.alphaDerivative * data + c.betaDerivative * noise,
            time: time)
    }
}
