public import Settings
import Tensors

/// How much noise a stochastic sampler adds and takes away again, D(t) (SiT, Ma et al. 2024, section 3.3 and its
/// `diffusion` choices, in our time: they are functions of beta, which they call sigma, and of t, 1 at the data there too).
public enum Diffusion: String, SettingChoice {
    /// 1
    case constant
    /// beta(t): what the path has of noise
    case beta
    /// 1 - t
    case linear
    /// sin^2(pi t): no noise at both ends
    case sin2
    /// ((1 + cos(pi t)) / 2)^2
    case decreasing

    /// D at times, of their shape.
    func coefficient(at time: Tensor, _ path: PathCoefficients) -> Tensor {
        switch self {
        case .constant: Tensor(1, shape: time.shape, elementType: time.elementType)
        case .beta: path.beta
        case .linear: 1 - time
        case .sin2: sin(time * Double.pi).squared()
        case .decreasing: (0.5 * (1 + cos(time * Double.pi))).squared()
        }
    }
}
