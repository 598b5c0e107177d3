public import Settings
public import Tensors

/// What the output of a network means.
///
/// Every prediction is a combination a z + b eps of data and noise, its coefficients a row beside those of the path. With
/// x_t = alpha z + beta eps, two equations give z and eps back, and with them every other prediction.
public protocol Prediction: SettingKind {
    /// a and b, of the shape of the path's coefficients.
    func combination(_ path: PathCoefficients) -> (data: Tensor, noise: Tensor)

    /// Times at which an output determines the velocity without a division by nearly zero.
    ///
    /// Training, sampling and the held-out loss hold times inside; between an end and the nearest regular time the
    /// velocity is that of the regular time, so that every step is finite. (SiT does the same with `train_eps` and
    /// `sample_eps`, both 1e-3 here as there: Ma et al. 2024.)
    func regularTimes(on path: any ProbabilityPath) -> ClosedRange<Double>

    /// What the network should return at a point.
    func target(_ point: PathPoint) -> Tensor

    /// The velocity that an output at x implies.
    func velocity(of output: Tensor, at x: Tensor, _ path: PathCoefficients) -> Tensor

    /// The velocity that samples follow: the one implied, but for what a prediction does against its own errors.
    func followedVelocity(of output: Tensor, at x: Tensor, _ path: PathCoefficients) -> Tensor
}

extension Prediction {
    public func regularTimes(on path: any ProbabilityPath) -> ClosedRange<Double> { 0...1 }

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
        let determinant = determinant(path)
        return (
            (row.noise * x - path.beta * output) / determinant, (path.alpha * output - row.data * x) / determinant
        )
    }

    /// By how much an error of the output is an error of the velocity it implies: |du / d output| =
    /// |alpha beta' - beta alpha'| / |determinant|.
    public func velocityErrorScale(_ path: PathCoefficients) -> Tensor {
        abs(path.alpha * path.betaDerivative - path.beta * path.alphaDerivative) / abs(determinant(path))
    }

    /// By how much an error of the output is an error of the data it implies: |dz / d output| = beta / |determinant|.
    public func dataErrorScale(_ path: PathCoefficients) -> Tensor { path.beta / abs(determinant(path)) }

    /// alpha b - beta a, of the two equations that give data and noise.
    func determinant(_ path: PathCoefficients) -> Tensor {
        let row = combination(path)
        return path.alpha * row.noise - path.beta * row.data
    }
}

extension PathCoefficients {
    /// The same number at every time.
    func constant(_ value: Double) -> Tensor { Tensor(value, shape: alpha.shape, elementType: alpha.elementType) }
}

/// Data held to the range of pixels, [-1, 1], as the samplers of denoising diffusion do against their own errors (Ho et al.
/// 2020).
func clampedToPixels(_ data: Tensor) -> Tensor {
    func bound(_ value: Double) -> Tensor { Tensor(value, shape: data.shape, elementType: data.elementType) }
    return data.maximum(bound(-1)).minimum(bound(1))
}
