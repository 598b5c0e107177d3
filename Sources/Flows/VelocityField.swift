public import NN
public import Tensors

/// The velocity u(x, t, y) that a network gives: its output, read as a prediction on a path.
public struct VelocityField: Sendable {
    /// What computes the prediction.
    public let network: any ConditionalNetwork
    /// What its points are on.
    public let path: any ProbabilityPath
    /// What its output means.
    public let prediction: any Prediction

    /// - Parameters:
    ///   - network: what computes the prediction
    ///   - path: what its points are on
    ///   - prediction: what its output means
    public init(_ network: any ConditionalNetwork, path: any ProbabilityPath, prediction: any Prediction) {
        self.network = network
        self.path = path
        self.prediction = prediction
    }

    /// Times at which path and prediction are regular.
    public var regularTimes: ClosedRange<Double> { prediction.allRegularTimes(on: path) }

    /// Times moved to the nearest regular one.
    package func regular(_ time: Tensor) -> Tensor { clamped(time, to: regularTimes) }

    /// - Parameters:
    ///   - x: points on the path, (batch, channels, height, width)
    ///   - time: (batch); one that is not regular is taken for the nearest that is
    ///   - labels: (batch) int32
    ///   - context: parameters and mode
    public func callAsFunction(_ x: Tensor, at time: Tensor, labels: Tensor, _ context: Context) -> Tensor {
        let time = regular(time)
        let output = network(x, at: time, labels: labels, context)
        return prediction.followedVelocity(of: output, at: x, path.coefficients(at: time.column(rank: x.rank)))
    }

    /// The data and the noise between which the path has this velocity at a point.
    ///
    /// - Parameters:
    ///   - velocity: of the shape of `x`
    ///   - x: points on the path, (batch, ...)
    ///   - time: (batch); one that is not regular is taken for the nearest that is
    public func ends(of velocity: Tensor, at x: Tensor, time: Tensor) -> (data: Tensor, noise: Tensor) {
        VelocityPrediction().ends(of: velocity, at: x, path.coefficients(at: regular(time).column(rank: x.rank)))
    }
}

extension Prediction {
    /// Times at which the path and this prediction on it are regular.
    func allRegularTimes(on path: any ProbabilityPath) -> ClosedRange<Double> {
        path.regularTimes.clamped(to: regularTimes(on: path))
    }
}

/// Times moved into a range; all of the way leaves no operation behind.
func clamped(_ time: Tensor, to range: ClosedRange<Double>) -> Tensor {
    guard range != 0...1 else { return time }
    func bound(_ value: Double) -> Tensor { Tensor(value, shape: time.shape, elementType: time.elementType) }
    return time.maximum(bound(range.lowerBound)).minimum(bound(range.upperBound))
}
