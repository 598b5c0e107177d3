public import Tensors

/// What a solver follows: dx/dt = u(x, t), and for methods that need more, the path whose velocity u is.
///
/// A state is one tensor or several that move together, each with the batch first: images, or images and the logarithms
/// of their densities.
public struct ProbabilityFlow {
    /// The slopes of a state, of the shapes of its tensors. A time is a scalar, or (batch), one of each row.
    public typealias Velocity = (_ state: [Tensor], _ time: Tensor) -> [Tensor]

    /// What is followed.
    public let velocity: Velocity
    /// What its points are on, for methods that ask for the score.
    public let path: any ProbabilityPath

    /// - Parameters:
    ///   - path: what its points are on
    ///   - velocity: what is followed
    public init(along path: any ProbabilityPath = LinearPath(), _ velocity: @escaping Velocity) {
        self.velocity = velocity
        self.path = path
    }
}

extension Tensor {
    /// A scalar as it is, a (batch) as (batch, 1, ..., 1): to be broadcast against tensors of that rank.
    func perRow(rank: Int) -> Tensor { self.rank == 0 ? self : column(rank: rank) }
}
