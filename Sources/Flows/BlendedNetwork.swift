package import NN
import StableHLO
package import Tensors

/// A network whose label k means: so far from one label of another network to a second one.
///
/// The outputs for the two labels are mixed, (1 - s) f(x, t, a) + s f(x, t, b), and so are the velocities, which depend on
/// an output by a linear equation. A mean of the labels' embeddings would be an input that the network has never seen, and
/// means something else in each network; a mean of velocities is a field of its own whose score is that of
/// p(x | a)^(1 - s) p(x | b)^s (Liu et al. 2022, "Compositional visual generation with composable diffusion models"), and
/// at its ends it is the network itself.
package struct BlendedNetwork: ConditionalNetwork {
    private let network: any ConditionalNetwork
    private let start: Int
    private let end: Int
    private let count: Int

    /// - Parameters:
    ///   - network: whose velocities are blended
    ///   - start: labels of `network`; its null label too
    ///   - end: labels of `network`; its null label too
    ///   - count: how many shares there are, from 0 at label 0 to 1 at label `count` - 1
    package init(_ network: any ConditionalNetwork, from start: Int, to end: Int, count: Int) {
        precondition(count > 1, "a way has two ends")
        self.network = network
        self.start = start
        self.end = end
        self.count = count
    }

    package var children: [(name: String, value: Any)] { network.children }

    package var classCount: Int { count }

    package var imageShape: [Int] { network.imageShape }

    /// How often the other network is evaluated for an evaluation of this one.
    package static let evaluations = 2

    package func callAsFunction(_ x: Tensor, at time: Tensor, labels: Tensor, _ context: Context) -> Tensor {
        let batch = x.shape[0]
        func twice(_ tensor: Tensor) -> Tensor {
            Tensor.concatenated([tensor.expanded(at: 1), tensor.expanded(at: 1)], along: 1)
                .reshaped(to: [2 * batch] + tensor.shape.dropFirst())
        }
        let isNull = labels.compared(.equal, to: Tensor(integer: count, shape: labels.shape))
        let null = Tensor(integer: network.nullLabel, shape: labels.shape)
        let ends = [start, end].map { isNull.select(null, Tensor(integer: $0, shape: labels.shape)).expanded(at: 1) }
        let outputs = network(
            twice(x), at: twice(time), labels: Tensor.concatenated(ends, along: 1).reshaped(to: [2 * batch]), context
        ).reshaped(to: [batch, 2] + x.shape.dropFirst()).split(into: 2, along: 1).map { $0.reshaped(to: x.shape) }
        // A label beyond the last share is the null label, for which both outputs are the same.
        let share = (labels.converted(to: x.elementType) / Double(count - 1)).minimum(
            Tensor(1, shape: labels.shape, elementType: x.elementType)
        ).column(rank: x.rank)
        return (1 - share) * outputs[0] + share * outputs[1]
    }
}
