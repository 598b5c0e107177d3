public import NN
public import Tensors

/// A velocity field under guidance.
public struct GuidedField: Sendable {
    /// The velocities with and without a label.
    public let field: VelocityField
    /// How they become one.
    public let guidance: any Guidance
    /// The field that guidance leads away from; nil for the field itself without labels.
    public let weaker: VelocityField?

    /// - Parameters:
    ///   - field: with and without a label
    ///   - guidance: how velocities become one
    ///   - weaker: what guidance leads away from, where that is another network
    public init(_ field: VelocityField, _ guidance: any Guidance, weaker: VelocityField? = nil) {
        self.field = field
        self.guidance = guidance
        self.weaker = weaker
    }

    /// The guided velocity. Of one network, both evaluations are one doubled batch.
    ///
    /// - Parameters:
    ///   - x: (batch, channels, height, width)
    ///   - time: a scalar, the same for all, or (batch)
    ///   - labels: (batch) int32
    ///   - scale: the guidance scale of each image, (batch)
    ///   - context: parameters and mode
    ///   - weakerContext: of the weaker network, where there is one
    public func callAsFunction(
        _ x: Tensor, at time: Tensor, labels: Tensor, scale: Tensor, _ context: Context,
        weaker weakerContext: Context? = nil
    ) -> Tensor {
        let times = time.broadcast(to: [x.shape[0]])
        let (conditional, baseline): (Tensor, Tensor)
        if let weaker, let weakerContext {
            conditional = field(x, at: times, labels: labels, context)
            baseline = weaker(x, at: times, labels: labels, weakerContext)
        } else {
            (conditional, baseline) = withAndWithoutLabels(x, times, labels, context)
        }
        return guidance.combined(
            conditional: conditional, baseline: baseline, at: time.perRow(rank: x.rank),
            scale: scale.column(rank: x.rank))
    }

    /// Both evaluations of an image stand side by side, so that they stay on its device where a batch is split.
    private func withAndWithoutLabels(
        _ x: Tensor, _ times: Tensor, _ labels: Tensor, _ context: Context
    ) -> (Tensor, Tensor) {
        let batch = x.shape[0]
        func paired(_ first: Tensor, _ second: Tensor) -> Tensor {
            Tensor.concatenated([first.expanded(at: 1), second.expanded(at: 1)], along: 1)
                .reshaped(to: [2 * batch] + first.shape.dropFirst())
        }
        let null = Tensor(integer: field.network.nullLabel, shape: labels.shape)
        let both = field(paired(x, x), at: paired(times, times), labels: paired(null, labels), context)
            .reshaped(to: [batch, 2] + x.shape.dropFirst()).split(into: 2, along: 1).map { $0.reshaped(to: x.shape) }
        return (both[1], both[0])
    }
}
