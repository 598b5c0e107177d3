import StableHLO
public import Tensors

/// A mixture of isotropic Gaussians: data whose velocity field, and so all that follows from one, is known in closed form.
public struct GaussianMixture: Sendable {
    /// How likely each part is; they add up to 1.
    public let weights: [Double]
    /// One a component, each with a number a dimension.
    public let means: [[Double]]
    /// The standard deviation of each part, the same along all dimensions.
    public let deviations: [Double]

    /// - Precondition: as many weights as means and deviations, at least one; means of one dimension
    public init(weights: [Double], means: [[Double]], deviations: [Double]) {
        precondition(
            !weights.isEmpty && weights.count == means.count && weights.count == deviations.count
                && Set(means.map(\.count)).count == 1, "a component is a weight, a mean and a deviation")
        self.weights = weights
        self.means = means
        self.deviations = deviations
    }

    /// Numbers a point.
    public var dimension: Int { means[0].count }

    /// The velocity u = alpha' E[z | x] + beta' E[eps | x] of the path from noise to this data, each component counting by
    /// its responsibility for x.
    ///
    /// - Parameters:
    ///   - x: (batch, dimension)
    ///   - time: a scalar, or (batch)
    ///   - path: what leads from noise to the mixture
    public func velocity(_ x: Tensor, at time: Tensor, along path: any ProbabilityPath) -> Tensor {
        let c = path.coefficients(at: time.perRow(rank: 2))
        let parts = Components(self, x, alpha: c.alpha, beta: c.beta)
        // E[eps | x] has beta as a factor, over a variance that the data keeps from 0.
        let slope = (c.alphaDerivative * c.alpha * parts.spreads + c.betaDerivative * c.beta) / parts.variances
        let velocities = c.alphaDerivative.perComponent * parts.means + slope.expanded(at: 2) * parts.apart
        return (softmax(parts.logDensities).expanded(at: 2) * velocities).sum(along: [1])
    }

    /// The logarithm of the data's density in nats, (batch).
    public func logDensity(_ x: Tensor) -> Tensor {
        let one = Tensor(1, elementType: x.elementType)
        let logits = Components(self, x, alpha: one, beta: one * 0).logDensities
        let greatest = logits.max(along: [1], keepingDimensions: true)
        return (greatest + log(exp(logits - greatest).sum(along: [1], keepingDimensions: true)))
            .reshaped(to: [x.shape[0]])
    }

    /// What each component is at points of a path.
    private struct Components {
        /// (1, components, dimension)
        let means: Tensor
        /// The data's variances, (1, components).
        let spreads: Tensor
        /// Of x_t in each direction: (batch or 1, components).
        let variances: Tensor
        /// x - alpha mean, (batch, components, dimension).
        let apart: Tensor
        /// log of weight times density, (batch, components).
        let logDensities: Tensor

        /// - Parameter alpha, beta: scalars, or (batch, 1)
        init(_ mixture: GaussianMixture, _ x: Tensor, alpha: Tensor, beta: Tensor) {
            let (count, dimension) = (mixture.weights.count, mixture.dimension)
            /// Exact in any precision: made of constants of one number.
            func constant(_ values: [Double], _ shape: [Int]) -> Tensor {
                Tensor.concatenated(
                    values.map { Tensor($0, shape: [1], elementType: x.elementType) }, along: 0
                ).reshaped(to: shape)
            }
            means = constant(mixture.means.flatMap { $0 }, [1, count, dimension])
            spreads = constant(mixture.deviations.map { $0 * $0 }, [1, count])
            variances = alpha.squared() * spreads + beta.squared()
            apart = x.expanded(at: 1) - alpha.perComponent * means
            let distances = apart.squared().sum(along: [2])
            let sizes = log(2 * Double.pi * variances) * (0.5 * Double(dimension))
            logDensities = log(constant(mixture.weights, [1, count])) - sizes - 0.5 * distances / variances
        }
    }
}

extension Tensor {
    /// A scalar as it is, (batch, 1) as (batch, 1, 1).
    fileprivate var perComponent: Tensor { rank == 0 ? self : expanded(at: 2) }
}
