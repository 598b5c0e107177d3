public import Settings
public import Tracing

/// What the output of a network means.
///
/// Every prediction is a combination a z + b eps of data and noise, its coefficients a row beside those of the path. With
/// x_t = alpha z + beta eps, two equations give z and eps back, and with them every other prediction.
public protocol Prediction: SettingKind {
    /// a and b, of the shape of the path's coefficients.
    func combination(_ path: PathCoefficients) -> (data: Tensor, noise: Tensor)

    /// Times at which an output determines the velocity without a division by nearly zero.
    ///
    /// Sampling and the held-out loss hold times inside; between an end and the nearest regular time the velocity is that
    /// of the regular time. (Other libraries do the same: SiT's `train_eps` and `sample_eps`.)
    var regularTimes: ClosedRange<Double> { get }

    /// What the network should return at a point.
    func target(_ point: PathPoint) -> Tensor

    /// The velocity that an output at x implies.
    func velocity(of output: Tensor, at x: Tensor, _ path: PathCoefficients) -> Tensor

    /// The velocity that samples follow: the one implied, but for what a prediction does against its own errors.
    func followedVelocity(of output: Tensor, at x: Tensor, _ path: PathCoefficients) -> Tensor
}

extension Prediction {
    public var regularTimes: ClosedRange<Double> { 0...1 }

    public func target(_ point: PathPoint) -> Tensor {
        let row = combination(point.coefficients)
        return row.data * point.data + row.noise * point.noise
    }

    public func velocity(of output: Tensor, at x: Tensor, _ path: PathCoefficients) -> Tensor {
        let ends = self.ends(of: output, at: x, path)
        return path.alphaDerivative * ends.data + path.betaDerivative * ends.noise
    }

    public func followedVelocity(of output: Tensor, at x: Tensor, _ path: PathCoefficients) -> Tensor {
        velocity(of: output, at: x, path)
    }

    /// The data z and the noise eps that an output at x implies: the solution of alpha z + beta eps = x and
    /// a z + b eps = output.
    public func ends(of output: Tensor, at x: Tensor, _ path: PathCoefficients) -> (data: Tensor, noise: Tensor) {
        let row = combination(path)
        let determinant = path.alpha * row.noise - path.beta * row.data
        return (
            (row.noise * x - path.beta * output) / determinant, (path.alpha * output - row.data * x) / determinant
        )
    }

    /// By how much an error of the output is an error of the data it implies: |dz / d output| = beta / |determinant|.
    public func dataErrorScale(_ path: PathCoefficients) -> Tensor {
        let row = combination(path)
        return path.beta / abs(path.alpha * row.noise - path.beta * row.data)
    }
}
