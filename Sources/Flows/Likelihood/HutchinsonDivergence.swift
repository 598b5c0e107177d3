public import Settings
import StableHLO
public import Tensors

/// v^T J v of random vectors v whose covariance is the identity, an unbiased estimate of the trace of J (Hutchinson 1990;
/// Grathwohl et al. 2019, "FFJORD").
public struct HutchinsonDivergence: DivergenceEstimate {
    public static let name = "hutchinson"
    public static let summary =
        "Random vectors v: the mean of v^T J v is the trace (Hutchinson 1990, FFJORD 2019); for images."

    /// What the vectors are drawn from.
    public enum Distribution: String, SettingChoice {
        /// -1 or 1, each as likely: the least variance that independent entries can have.
        case rademacher
        /// Standard normal.
        case gaussian
    }

    @Setting(
        "Random vectors of each image, two or more for an error of each.", .from(1, through: 4096), role: .recording)
    public var probes = 2
    @Setting("What their entries are: rademacher, -1 or 1, has the smaller variance; or gaussian.", role: .recording)
    public var distribution = Distribution.rademacher

    public init() {}

    public var estimates: Int { probes }
    public var isRandom: Bool { true }

    public func products(dimensions: Int) -> Int { probes }

    public func divergences(of velocity: Tensor, at x: Tensor, normal: (Tensor) -> Tensor) -> Tensor {
        Tensor.listed(probes, batch: x.shape[0], elementType: x.elementType) { index in
            let probe = randomVector(normal(index))
            let product = pullback(of: [velocity], withRespectTo: [x], cotangents: [probe])[0]
            return (product * probe).sum(along: Array(1..<x.rank))
        }
    }

    public func randomVector(_ normal: Tensor) -> Tensor {
        distribution == .gaussian ? normal : normal.unary(.sign)
    }
}
