import StableHLO
public import Tensors

/// Multi-head scaled dot-product self-attention (Vaswani et al. 2017).
///
/// - Parameters:
///   - packed: queries, keys and values side by side, (batch, length, 3 x width); heads split the width.
///   - heads: into which the width is divided
/// - Returns: (batch, length, width)
public func attention(_ packed: Tensor, heads: Int) -> Tensor {
    Composite.apply(
        "flow.attention", to: [packed], attributes: ["heads": .integer(heads)],
        pullback: { operands, results, cotangents in
            guard let g = cotangents[0] else { return [nil] }
            return Composite.apply(
                "flow.attention_backward", to: [g, operands[0], results[0], results[1]],
                attributes: ["heads": .integer(heads)]
            ) { attentionBackward($0, heads: heads) }
        },
        decomposition: { operands in
            let (q, k, v) = separateHeads(operands[0], heads)
            let scores = q.dot(k, batching: [0, 1], [0, 1], contracting: [3], [3])
            let highest = scores.max(along: [3], keepingDimensions: true)
            let logSum = log(exp(scores - highest).sum(along: [3], keepingDimensions: true)) + highest
            let mixed = exp(scores - logSum).dot(v, batching: [0, 1], [0, 1], contracting: [3], [2])
            return [joinHeads(mixed), logSum.reshaped(to: logSum.shape.dropLast())]
        })[0]
}

/// Queries (scaled), keys and values, each (batch, heads, length, width / heads).
private func separateHeads(_ packed: Tensor, _ heads: Int) -> (Tensor, Tensor, Tensor) {
    let (batch, length, width) = (packed.shape[0], packed.shape[1], packed.shape[2] / 3)
    let parts = packed.reshaped(to: [batch, length, 3, heads, width / heads]).transposed([2, 0, 3, 1, 4])
    let pieces = parts.split(into: 3, along: 0).map { $0.reshaped(to: [batch, heads, length, width / heads]) }
    return (pieces[0] * (1 / Double(width / heads).squareRoot()), pieces[1], pieces[2])
}

private func joinHeads(_ x: Tensor) -> Tensor {
    x.transposed([0, 2, 1, 3]).reshaped(to: [x.shape[0], x.shape[2], x.shape[1] * x.shape[3]])
}

/// Operands: cotangent, packed, output, logarithm of the sums (batch, heads, length). Result: gradient of packed.
///
/// Recomputes the weights from the logarithm of their sums (Dao et al. 2022, algorithm 2).
private func attentionBackward(_ operands: [Tensor], heads: Int) -> [Tensor] {
    let packed = operands[1]
    let (batch, length, width) = (packed.shape[0], packed.shape[1], packed.shape[2] / 3)
    func split(_ x: Tensor) -> Tensor {
        x.reshaped(to: [batch, length, heads, width / heads]).transposed([0, 2, 1, 3])
    }
    let (q, k, v) = separateHeads(packed, heads)
    let g = split(operands[0])
    let weights = exp(q.dot(k, batching: [0, 1], [0, 1], contracting: [3], [3]) - operands[3].expanded(at: 3))
    let valueGradient = weights.dot(g, batching: [0, 1], [0, 1], contracting: [2], [2])
    let weightGradient = g.dot(v, batching: [0, 1], [0, 1], contracting: [3], [3])
    let inner = (g * split(operands[2])).sum(along: [3], keepingDimensions: true)
    let scoreGradient = weights * (weightGradient - inner)
    let scale = 1 / Double(width / heads).squareRoot()
    let queryGradient = scoreGradient.dot(k, batching: [0, 1], [0, 1], contracting: [3], [2]) * scale
    let keyGradient = scoreGradient.dot(q, batching: [0, 1], [0, 1], contracting: [2], [2])
    return [Tensor.concatenated([queryGradient, keyGradient, valueGradient].map(joinHeads), along: 2)]
}
