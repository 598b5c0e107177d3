public import NN
public import Tracing

/// Classifier-free guidance: (1 - w) u(x, t, null) + w u(x, t, y) (Ho and Salimans 2022).
public struct Guidance: Sendable {
    public init() {}

    /// The guided velocity, both evaluations in one doubled batch.
    ///
    /// Both evaluations of an image stand side by side, so that they stay on its device where a batch is split.
    ///
    /// - Parameters:
    ///   - x: (batch, channels, height, width)
    ///   - time: a scalar, the same for all
    ///   - labels: (batch) int32
    ///   - scale: the guidance scale w of each image, (batch)
    public func velocity(
        _ network: some VelocityField, _ x: Tensor, at time: Tensor, labels: Tensor, scale: Tensor, _ context: Context
    ) -> Tensor {
        let batch = x.shape[0]
        func paired(_ first: Tensor, _ second: Tensor) -> Tensor {
            Tensor.concatenated([first.expanded(at: 1), second.expanded(at: 1)], along: 1)
                .reshaped(to: [2 * batch] + first.shape.dropFirst())
        }
        let null = Tensor(integer: network.nullLabel, shape: labels.shape)
        let both = network(
            paired(x, x), at: time.broadcast(to: [2 * batch]), labels: paired(null, labels), context
        ).reshaped(to: [batch, 2] + x.shape.dropFirst()).split(into: 2, along: 1).map { $0.reshaped(to: x.shape) }
        let weight = scale.reshaped(to: [batch] + [Int](repeating: 1, count: x.rank - 1))
        return (1 - weight) * both[0] + weight * both[1]
    }
}
