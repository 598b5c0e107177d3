import StableHLO
public import Tracing

/// LN(x) * (1 + scale) + shift: layer normalisation without parameters of its own, modulated by a condition
/// (adaptive layer norm, Peebles and Xie 2023).
///
/// - Parameters:
///   - x: (batch, length, width)
///   - scale, shift: (batch, width)
public func modulatedLayerNorm(_ x: Tensor, scale: Tensor, shift: Tensor, epsilon: Double = 1e-6) -> Tensor {
    Composite.apply(
        "flow.modulated_layer_norm", to: [x, scale, shift], attributes: ["eps": .float(Float(epsilon))],
        pullback: { operands, results, cotangents in
            guard let g = cotangents[0] else { return [nil, nil, nil] }
            return Composite.apply(
                "flow.modulated_layer_norm_backward", to: [g, operands[0], operands[1], results[1], results[2]]
            ) { operands in
                let (g, x, scale) = (operands[0], operands[1], operands[2])
                let (mean, inverse) = (operands[3].expanded(at: 2), operands[4].expanded(at: 2))
                let normalized = (x - mean) * inverse
                let inner = g * (1 + scale.expanded(at: 1))
                let projected = normalized * (inner * normalized).mean(along: [2], keepingDimensions: true)
                let gradient = inverse * (inner - inner.mean(along: [2], keepingDimensions: true) - projected)
                return [gradient, (g * normalized).sum(along: [1]), g.sum(along: [1])]
            }
        },
        decomposition: { operands in
            let mean = operands[0].mean(along: [2])
            let centered = operands[0] - mean.expanded(at: 2)
            let inverse = rsqrt(centered.squared().mean(along: [2]) + epsilon)
            let normalized = centered * inverse.expanded(at: 2)
            return [normalized * (1 + operands[1].expanded(at: 1)) + operands[2].expanded(at: 1), mean, inverse]
        })[0]
}

/// x + gate * update, the gate shared along the length.
///
/// - Parameters:
///   - x, update: (batch, length, width)
///   - gate: (batch, width)
public func gatedResidual(_ x: Tensor, gate: Tensor, update: Tensor) -> Tensor {
    Composite.apply(
        "flow.gated_residual", to: [x, gate, update],
        pullback: { operands, _, cotangents in
            guard let g = cotangents[0] else { return [nil, nil, nil] }
            let gradients = Composite.apply("flow.gated_residual_backward", to: [g, operands[1], operands[2]]) {
                [($0[0] * $0[2]).sum(along: [1]), $0[0] * $0[1].expanded(at: 1)]
            }
            return [g] + gradients
        },
        decomposition: { [$0[0] + $0[1].expanded(at: 1) * $0[2]] })[0]
}
