import StableHLO
package import Tensors

/// images + embedding, the embedding the same at every pixel.
///
/// - Parameters:
///   - images: (batch, height, width, channels); a kernel writes the result over them
///   - embedding: (batch, channels)
package func embeddingAdded(_ images: Tensor, _ embedding: Tensor) -> Tensor {
    Composite.apply(
        "flow.embedding_add", to: [images, embedding], aliases: [0: 0],
        pullback: { _, _, cotangents in
            guard let g = cotangents[0] else { return [nil, nil] }
            return [g] + Composite.apply("flow.embedding_add_backward", to: [g]) { [$0[0].sum(along: [1, 2])] }
        },
        decomposition: { [$0[0] + $0[1].expanded(at: 1).expanded(at: 1)] })[0]
}
