public import Settings
public import Tensors

/// Noise drawn for each image from the entropic transport plan between a batch's noise and images (Tong et al. 2024, where
/// torchcfm draws both ends of a pair; here each image stays once in its batch, and some noise goes with two).
///
/// A batch whose plan does not converge has NaN for noise: training ends there with a sentence.
public struct EntropicCoupling: Coupling {
    public static let name = "entropic"
    public static let summary =
        "Noise drawn from the entropic transport plan (Cuturi 2013; Tong et al. 2024): between independent and optimal "
        + "transport, approaching a Schroedinger bridge's pairs; over all labels it hurts conditional models."

    @Setting("The regularization in units of the mean squared distance; large is nearly independent.", .above(0))
    public var regularization = 0.05
    @Setting(
        "The most iterations; where they do not suffice the loss is not a number and training ends.",
        .from(1, through: 1_000_000))
    public var iterations = 10_000

    public init() {}

    public var leastBatch: Int { 2 }

    public func paired(noise: Tensor, with data: Tensor, labels: Tensor, _ random: RandomStream) -> Tensor {
        let count = noise.shape[0]
        guard count > 1 else { return noise }
        let plan = plan(noise: noise, data: data)
        let drawn = noise.rows(at: plan.rows(random))
        // Adds nothing, or NaN.
        return drawn + plan.logarithms.max() * 0
    }

    /// The plan that pairs are drawn from, noise in rows and data in columns.
    ///
    /// - Parameters:
    ///   - noise: (batch, ...)
    ///   - data: of the shape of `noise`
    ///   - tolerance: of the rows' sums; pairs that are drawn show no difference below the default
    package func plan(noise: Tensor, data: Tensor, tolerance: Double = 1e-4) -> SinkhornPlan {
        SinkhornPlan(
            cost: squaredDistances(noise, data), regularization: regularization, iterations: iterations,
            tolerance: tolerance)
    }
}

/// |a_i - b_j|^2, (rows of a, rows of b).
func squaredDistances(_ a: Tensor, _ b: Tensor) -> Tensor {
    func flat(_ x: Tensor) -> Tensor { x.reshaped(to: [x.shape[0], x.elementCount / x.shape[0]]) }
    let (a, b) = (flat(a), flat(b))
    let sizes = a.squared().sum(along: [1], keepingDimensions: true)
    let others = b.squared().sum(along: [1]).reshaped(to: [1, b.shape[0]])
    let distances = sizes + others - 2 * a.matmul(b.transposed())
    return distances.maximum(Tensor(0, shape: distances.shape, elementType: distances.elementType))
}
