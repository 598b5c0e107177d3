public import NN
public import Tracing

/// Classifier-free guidance: (1 - w) u(x, t, null) + w u(x, t, y) (Ho and Salimans 2022).
public struct Guidance: Sendable {
    public init() {}

    /// The guided velocity, both evaluations in one doubled batch.
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
        let null = Tensor(integer: network.nullLabel, shape: labels.shape)
        let both = network(
            Tensor.concatenated([x, x], along: 0), at: time.broadcast(to: [2 * batch]),
            labels: Tensor.concatenated([null, labels], along: 0), context
        ).split(into: 2, along: 0)
        let weight = scale.reshaped(to: [batch] + [Int](repeating: 1, count: x.rank - 1))
        return (1 - weight) * both[0] + weight * both[1]
    }
}
