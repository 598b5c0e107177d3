import StableHLO
public import Tensors

/// LN(x) * (1 + scale) + shift: layer normalisation without parameters of its own, modulated by a condition
/// (adaptive layer norm, Peebles and Xie 2023).
///
/// - Parameters:
///   - x: (batch, length, width)
///   - scale: (batch, width)
///   - shift: (batch, width)
///   - epsilon: added to the variance
public func modulatedLayerNorm(_ x: Tensor, scale: Tensor, shift: Tensor, epsilon: Double = 1e-6) -> Tensor {
    Composite.apply(
        "flow.modulated_layer_norm", to: [x, scale, shift], attributes: ["eps": .float(Float(epsilon))],
        pullback: { operands, results, cotangents in
            guard let g = cotangents[0] else { return [nil, nil, nil] }
            return Composite.apply(
                "flow.modulated_layer_norm_backward", to: [g, operands[0], operands[1], results[1], results[2]],
                decomposition: normalizedGradients)
        },
        decomposition: { normalized($0[0], scale: $0[1], shift: $0[2], epsilon: epsilon) })[0]
}

/// A gated residual, and the modulated layer norm of what it leaves.
public struct ResidualNorm {
    /// x + gate * update, (batch, length, width)
    public let stream: Tensor
    /// LN(stream) * (1 + scale) + shift, (batch, length, width)
    public let normalized: Tensor
}

/// x + gate * update, the gate shared along the length, and its modulated layer norm.
///
/// - Parameters:
///   - x: (batch, length, width)
///   - gate: (batch, width)
///   - update: (batch, length, width)
///   - scale: (batch, width)
///   - shift: (batch, width)
///   - epsilon: added to the variance
public func gatedResidualLayerNorm(
    _ x: Tensor, gate: Tensor, update: Tensor, scale: Tensor, shift: Tensor, epsilon: Double = 1e-6
) -> ResidualNorm {
    let results = Composite.apply(
        "flow.gated_residual_layer_norm", to: [x, gate, update, scale, shift],
        attributes: ["eps": .float(Float(epsilon))],
        pullback: { operands, results, cotangents in
            guard let g = cotangents[1] else {
                guard let g = cotangents[0] else { return operands.map { _ in nil } }
                return [g] + residualGradients(g, gate: operands[1], update: operands[2]) + [nil, nil]
            }
            let ofNorm = [g, results[0], operands[3], results[2], results[3]]
            return Composite.apply(
                "flow.gated_residual_layer_norm_backward",
                to: ofNorm + [operands[1], operands[2]] + (cotangents[0].map { [$0] } ?? [])
            ) { operands in
                let norm = normalizedGradients(Array(operands[0..<5]))
                let total = operands.count == 8 ? norm[0] + operands[7] : norm[0]
                return [total] + residualGradients(total, gate: operands[5], update: operands[6]) + norm[1...]
            }
        },
        decomposition: { operands in
            let stream = operands[0] + operands[1].expanded(at: 1) * operands[2]
            return [stream] + normalized(stream, scale: operands[3], shift: operands[4], epsilon: epsilon)
        })
    return ResidualNorm(stream: results[0], normalized: results[1])
}

/// The modulated layer norm, the means and the inverse deviations.
private func normalized(_ x: Tensor, scale: Tensor, shift: Tensor, epsilon: Double) -> [Tensor] {
    let mean = x.mean(along: [2])
    let centered = x - mean.expanded(at: 2)
    let inverse = rsqrt(centered.squared().mean(along: [2]) + epsilon)
    let normalized = centered * inverse.expanded(at: 2)
    return [normalized * (1 + scale.expanded(at: 1)) + shift.expanded(at: 1), mean, inverse]
}

/// Operands: cotangent, x, scale, means, inverse deviations. Results: gradients of x, scale and shift.
private func normalizedGradients(_ operands: [Tensor]) -> [Tensor] {
    let (g, x, scale) = (operands[0], operands[1], operands[2])
    let (mean, inverse) = (operands[3].expanded(at: 2), operands[4].expanded(at: 2))
    let normalized = (x - mean) * inverse
    let inner = g * (1 + scale.expanded(at: 1))
    let projected = normalized * (inner * normalized).mean(along: [2], keepingDimensions: true)
    let gradient = inverse * (inner - inner.mean(along: [2], keepingDimensions: true) - projected)
    return [gradient, (g * normalized).sum(along: [1]), g.sum(along: [1])]
}

/// Gradients of the gate and of the update.
private func residualGradients(_ g: Tensor, gate: Tensor, update: Tensor) -> [Tensor] {
    [(g * update).sum(along: [1]), g * gate.expanded(at: 1)]
}
