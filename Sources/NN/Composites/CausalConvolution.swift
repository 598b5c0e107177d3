import StableHLO
package import Tensors

/// silu of a causal depthwise convolution: each channel with its own kernel, zeros before the start.
///
/// - Parameters:
///   - x: (batch, length, channels)
///   - kernel: (channels, 1, k), the last tap on the present
///   - bias: (channels)
package func causalConvolutionSiLU(_ x: Tensor, _ kernel: Tensor, bias: Tensor) -> Tensor {
    Composite.apply(
        "flow.causal_depthwise_convolution", to: [x, kernel, bias],
        pullback: { operands, _, cotangents in
            guard let g = cotangents[0] else { return [nil, nil, nil] }
            return Composite.apply("flow.causal_depthwise_convolution_backward", to: [g] + operands) { operands in
                let (x, kernel) = (operands[1], operands[2])
                let before = convolved(x, kernel) + operands[3]
                let s = sigmoid(before)
                let g = operands[0] * (s * (1 + before * (1 - s)))
                return pullback(of: [convolved(x, kernel)], withRespectTo: [x, kernel], cotangents: [g])
                    + [g.sum(along: [0, 1])]
            }
        },
        decomposition: { [silu(convolved($0[0], $0[1]) + $0[2])] })[0]
}

/// A sum of shifted copies; a kernel has a few taps only.
private func convolved(_ x: Tensor, _ kernel: Tensor) -> Tensor {
    let (length, taps) = (x.shape[1], kernel.shape[2])
    let padded = x.padded(low: [0, taps - 1, 0], high: [0, 0, 0])
    let terms = (0..<taps).map { tap in
        padded.sliced(tap..<tap + length, along: 1)
            * kernel.sliced(tap..<tap + 1, along: 2).reshaped(to: [kernel.shape[0]])
    }
    return terms.dropFirst().reduce(terms[0], +)
}
