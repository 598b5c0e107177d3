import StableHLO
public import Tensors

/// Doubles height and width by linear interpolation between pixel centres (`align_corners` false in PyTorch's words),
/// edges repeated. Images (batch, height, width, channels).
public func upsampledBilinear(_ images: Tensor) -> Tensor {
    @Sendable func plain(_ images: Tensor) -> Tensor { doubled(doubled(images, along: 1), along: 2) }
    return Composite.apply(
        "flow.upsample_bilinear_2x", to: [images],
        pullback: { operands, _, cotangents in
            guard let g = cotangents[0] else { return [nil] }
            let shape = operands[0].shape
            return Composite.apply("flow.upsample_bilinear_2x_backward", to: [g]) { operands in
                let images = Tensor(0, shape: shape, elementType: operands[0].elementType)
                return pullback(of: [plain(images)], withRespectTo: [images], cotangents: operands)
            }
        },
        decomposition: { [plain($0[0])] })[0]
}

/// Output 2i lies a quarter pixel before input i, output 2i + 1 a quarter after.
private func doubled(_ x: Tensor, along dimension: Int) -> Tensor {
    let size = x.shape[dimension]
    let before = Tensor.concatenated(
        [x.sliced(0..<1, along: dimension), x.sliced(0..<size - 1, along: dimension)], along: dimension)
    let after = Tensor.concatenated(
        [x.sliced(1..<size, along: dimension), x.sliced(size - 1..<size, along: dimension)], along: dimension)
    let even = (before * 0.25 + x * 0.75).expanded(at: dimension + 1)
    let odd = (x * 0.75 + after * 0.25).expanded(at: dimension + 1)
    var shape = x.shape
    shape[dimension] *= 2
    return Tensor.concatenated([even, odd], along: dimension + 1).reshaped(to: shape)
}
