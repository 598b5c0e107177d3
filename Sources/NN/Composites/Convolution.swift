import StableHLO
public import Tensors

/// Convolution of images (batch, height, width, channels) with a kernel (out, in, k, k), plus bias (out).
///
/// - Parameters:
///   - images: (batch, height, width, channels)
///   - kernel: (outputs, inputs, height, width)
///   - bias: (outputs)
///   - stride: steps of the kernel, in pixels
///   - padding: zeros on each side, in pixels
///   - residual: added to the result, of the result's shape.
public func convolution(
    _ images: Tensor, _ kernel: Tensor, bias: Tensor, stride: Int = 1, padding: Int = 0, adding residual: Tensor? = nil
) -> Tensor {
    let attributes: [String: CustomCall.Attribute] = ["stride": .integer(stride), "padding": .integer(padding)]
    @Sendable func plain(_ images: Tensor, _ kernel: Tensor) -> Tensor {
        images.convolved(with: kernel, stride: stride, padding: padding)
    }
    return Composite.apply(
        "flow.convolution", to: [images, kernel, bias] + (residual.map { [$0] } ?? []), attributes: attributes,
        pullback: { operands, _, cotangents in
            guard let g = cotangents[0] else { return operands.map { _ in nil } }
            let (images, kernel) = (operands[0], operands[1])
            let inputGradient = Composite.apply(
                "flow.convolution_input_gradient", to: [g, kernel],
                attributes: attributes.merging([
                    "height": .integer(images.shape[1]), "width": .integer(images.shape[2]),
                ]) { a, _ in a }
            ) { operands in
                // The gradient is linear in the images, so any images of their shape do.
                let images = Tensor(0, shape: images.shape, elementType: images.elementType)
                return pullback(of: [plain(images, operands[1])], withRespectTo: [images], cotangents: [operands[0]])
            }
            let kernelGradients = Composite.apply(
                "flow.convolution_weight_gradient", to: [images, g],
                attributes: attributes.merging(["kernel": .integer(kernel.shape[2])]) { a, _ in a }
            ) { operands in
                let kernel = Tensor(0, shape: kernel.shape, elementType: kernel.elementType)
                return pullback(of: [plain(operands[0], kernel)], withRespectTo: [kernel], cotangents: [operands[1]])
                    + [operands[1].sum(along: [0, 1, 2])]
            }
            return [inputGradient[0], kernelGradients[0], kernelGradients[1]] + (operands.count == 4 ? [g] : [])
        },
        decomposition: { operands in
            let biased = plain(operands[0], operands[1]) + operands[2]
            return [operands.count == 4 ? biased + operands[3] : biased]
        })[0]
}
