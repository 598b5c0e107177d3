public import NN
public import Tracing

/// A velocity field under guidance.
public struct GuidedField: Sendable {
    public let field: VelocityField
    public let guidance: any Guidance

    public init(_ field: VelocityField, _ guidance: any Guidance) {
        self.field = field
        self.guidance = guidance
    }

    /// The guided velocity, both evaluations in one doubled batch.
    ///
    /// Both evaluations of an image stand side by side, so that they stay on its device where a batch is split.
    ///
    /// - Parameters:
    ///   - x: (batch, channels, height, width)
    ///   - time: a scalar, the same for all
    ///   - labels: (batch) int32
    ///   - scale: the guidance scale of each image, (batch)
    public func callAsFunction(
        _ x: Tensor, at time: Tensor, labels: Tensor, scale: Tensor, _ context: Context
    ) -> Tensor {
        let batch = x.shape[0]
        func paired(_ first: Tensor, _ second: Tensor) -> Tensor {
            Tensor.concatenated([first.expanded(at: 1), second.expanded(at: 1)], along: 1)
                .reshaped(to: [2 * batch] + first.shape.dropFirst())
        }
        let null = Tensor(integer: field.network.nullLabel, shape: labels.shape)
        let both = field(
            paired(x, x), at: time.broadcast(to: [2 * batch]), labels: paired(null, labels), context
        ).reshaped(to: [batch, 2] + x.shape.dropFirst()).split(into: 2, along: 1).map { $0.reshaped(to: x.shape) }
        return guidance.combined(
            conditional: both[1], unconditional: both[0], at: time, scale: scale.column(rank: x.rank))
    }
}
