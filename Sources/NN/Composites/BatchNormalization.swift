import StableHLO
package import Tensors

/// In which order an activation and a batch normalisation follow each other.
public enum ActivationOrder: Sendable {
    /// BN(silu(x))
    case activationFirst
    /// silu(BN(x))
    case normalizationFirst
}

/// A batch-normalised activation and the statistics it used.
package struct NormalizedBatch {
    /// Normalised, scaled and moved, of the shape of the input.
    package let output: Tensor
    /// Mean over batch and pixels, one a channel.
    package let mean: Tensor
    /// Biased variance over batch and pixels, one a channel.
    package let variance: Tensor
}

/// SiLU and batch normalisation with the statistics of the batch (Ioffe and Szegedy 2015), channels last.
package func batchNormalized(
    _ x: Tensor, scale: Tensor, shift: Tensor, epsilon: Double, order: ActivationOrder
) -> NormalizedBatch {
    let name = order == .activationFirst ? "flow.silu_batch_norm" : "flow.batch_norm_silu"
    let pixels = Array(0..<x.rank - 1)
    let results = Composite.apply(
        name, to: [x, scale, shift], attributes: ["eps": .float(Float(epsilon))],
        pullback: { operands, results, cotangents in
            let throughStatistics = backwardOfStatistics(
                operands[0], mean: results[1], cotangents: (cotangents[1], cotangents[2]), order: order)
            guard let g = cotangents[0] else { return [throughStatistics, nil, nil] }
            let gradients = Composite.apply(
                name + "_backward", to: [g, operands[0], operands[1], operands[2], results[1], results[2]],
                attributes: ["eps": .float(Float(epsilon))]
            ) { backwardOfNormalization($0, epsilon: epsilon, order: order, pixels: pixels) }
            return [throughStatistics.map { gradients[0] + $0 } ?? gradients[0], gradients[1], gradients[2]]
        },
        decomposition: { operands in
            let input = order == .activationFirst ? silu(operands[0]) : operands[0]
            let mean = input.mean(along: pixels)
            let centered = input - mean
            let variance = centered.squared().mean(along: pixels)
            let output = centered * (rsqrt(variance + epsilon) * operands[1]) + operands[2]
            return [order == .activationFirst ? output : silu(output), mean, variance]
        })
    return NormalizedBatch(output: results[0], mean: results[1], variance: results[2])
}

/// SiLU and a scale and shift for each channel, channels last: batch normalisation with given statistics.
package func affine(_ x: Tensor, scale: Tensor, shift: Tensor, order: ActivationOrder) -> Tensor {
    let name = order == .activationFirst ? "flow.silu_affine" : "flow.affine_silu"
    return Composite.apply(name, to: [x, scale, shift]) { operands in
        let (x, scale, shift) = (operands[0], operands[1], operands[2])
        return [order == .activationFirst ? silu(x) * scale + shift : silu(x * scale + shift)]
    }[0]
}

/// The gradient of x for cotangents of the batch's mean and variance; nil where there are none.
private func backwardOfStatistics(
    _ x: Tensor, mean: Tensor, cotangents: (mean: Tensor?, variance: Tensor?), order: ActivationOrder
) -> Tensor? {
    let logistic = sigmoid(x)
    let input = order == .activationFirst ? x * logistic : x
    let parts = [cotangents.mean, cotangents.variance.map { 2 * (input - mean) * $0 }].compactMap { $0 }
    guard let first = parts.first else { return nil }
    let total = parts.dropFirst().reduce(first, +) / Double(x.elementCount / x.shape[x.rank - 1])
    guard order == .activationFirst else { return total.broadcast(to: x.shape) }
    return total * (logistic * (1 + x * (1 - logistic)))
}

/// Operands: cotangent, x, scale, shift, mean, variance. Results: gradients of x, scale and shift.
private func backwardOfNormalization(
    _ operands: [Tensor], epsilon: Double, order: ActivationOrder, pixels: [Int]
) -> [Tensor] {
    let (x, scale, shift, mean, variance) = (operands[1], operands[2], operands[3], operands[4], operands[5])
    let inverse = rsqrt(variance + epsilon)
    let logistic = sigmoid(x)
    let input = order == .activationFirst ? x * logistic : x
    let normalized = (input - mean) * inverse
    var g = operands[0]
    if order == .normalizationFirst {
        let output = normalized * scale + shift
        let s = sigmoid(output)
        g = g * (s * (1 + output * (1 - s)))
    }
    let shiftGradient = g.sum(along: pixels)
    let scaleGradient = (g * normalized).sum(along: pixels)
    let count = Double(x.elementCount / x.shape[x.rank - 1])
    var gradient = (scale * inverse) * (g - shiftGradient / count - normalized * (scaleGradient / count))
    if order == .activationFirst { gradient = gradient * (logistic * (1 + x * (1 - logistic))) }
    return [gradient, scaleGradient, shiftGradient]
}
