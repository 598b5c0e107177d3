public import StableHLO

extension Tensor {
    /// Cross-correlation with a kernel.
    ///
    /// - Parameters:
    ///   - kernel: (output channels, input channels / groups, height, width) in the layouts provided.
    ///   - stride: steps of the kernel, along all dimensions
    ///   - padding: rows added on both sides of each spatial dimension.
    ///   - dilation: distances between the kernel's elements
    ///   - groups: into which channels are divided
    ///   - dimensions: which dimension is which
    public func convolved(
        with kernel: Tensor, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1,
        dimensions: ConvolutionDimensions = .channelsLast, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let spatial = dimensions.inputSpatial.count
        let operation = StableHLO.Convolution(
            dimensions: dimensions, strides: .init(repeating: stride, count: spatial),
            padding: .init(repeating: [padding, padding], count: spatial),
            inputDilation: .init(repeating: 1, count: spatial),
            kernelDilation: .init(repeating: dilation, count: spatial), featureGroups: groups)
        return Tensor.apply(operation, [self, kernel], file, line)[0]
    }
}

extension Convolution: DifferentiableOperation {
    /// Both gradients are convolutions: of the cotangent with the reversed kernel, and of the input with the
    /// cotangent as a kernel, the roles of batch and channels exchanged.
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        guard let g = cotangents[0] else { return [nil, nil] }
        return [inputGradient(operands[0], operands[1], g), kernelGradient(operands[0], operands[1], g)]
    }

    /// How far input, kernel and cotangent reach with their dilations, and the padding before the input.
    private struct Extents {
        let input: Int
        let window: Int
        let output: Int
        let low: Int
    }

    /// Of each spatial dimension.
    private func extents(_ input: Tensor, _ kernel: Tensor, _ g: Tensor) -> [Extents] {
        dimensions.inputSpatial.indices.map { index in
            Extents(
                input: dilated(input.shape[dimensions.inputSpatial[index]], inputDilation[index]),
                window: dilated(kernel.shape[dimensions.kernelSpatial[index]], kernelDilation[index]),
                output: dilated(g.shape[dimensions.outputSpatial[index]], strides[index]),
                low: padding[index][0])
        }
    }

    private func inputGradient(_ input: Tensor, _ kernel: Tensor, _ g: Tensor) -> Tensor {
        precondition(batchGroups == 1, "batch groups occur in gradients only and are not differentiated again")
        var swapped = dimensions
        swapped.inputBatch = dimensions.outputBatch
        swapped.inputFeature = dimensions.outputFeature
        swapped.inputSpatial = dimensions.outputSpatial
        swapped.outputBatch = dimensions.inputBatch
        swapped.outputFeature = dimensions.inputFeature
        swapped.outputSpatial = dimensions.inputSpatial
        swapped.kernelOutput = dimensions.kernelInput
        swapped.kernelInput = dimensions.kernelOutput
        let padding = extents(input, kernel, g).map { extent -> [Int] in
            let before = extent.window - extent.low - 1
            return [before, extent.input + extent.window - 1 - extent.output - before]
        }
        let gradient = StableHLO.Convolution(
            dimensions: swapped, strides: inputDilation, padding: padding, inputDilation: strides,
            kernelDilation: kernelDilation, featureGroups: featureGroups)
        let flipped = groupsMoved(kernel).reversed(along: dimensions.kernelSpatial)
        return Tensor.apply(gradient, g, flipped)
    }

    /// (O, I / groups) becomes (O / groups, I): the kernel as the transposed convolution reads it.
    private func groupsMoved(_ kernel: Tensor) -> Tensor {
        guard featureGroups > 1 else { return kernel }
        let (output, input) = (dimensions.kernelOutput, dimensions.kernelInput)
        var split = kernel.shape
        split[output] /= featureGroups
        split.insert(featureGroups, at: output)
        let movedInput = input > output ? input + 1 : input
        var order = Array(split.indices)
        order.remove(at: output)
        order.insert(output, at: order.firstIndex(of: movedInput)!)
        var merged = kernel.shape
        merged[output] /= featureGroups
        merged[input] *= featureGroups
        return kernel.reshaped(to: split).transposed(order).reshaped(to: merged)
    }

    private func kernelGradient(_ input: Tensor, _ kernel: Tensor, _ g: Tensor) -> Tensor {
        var swapped = dimensions
        swapped.inputBatch = dimensions.inputFeature
        swapped.inputFeature = dimensions.inputBatch
        swapped.kernelInput = dimensions.outputBatch
        swapped.kernelOutput = dimensions.outputFeature
        swapped.kernelSpatial = dimensions.outputSpatial
        swapped.outputBatch = dimensions.kernelInput
        swapped.outputFeature = dimensions.kernelOutput
        swapped.outputSpatial = dimensions.kernelSpatial
        let padding = extents(input, kernel, g).map { extent in
            [extent.low, extent.output - extent.input + extent.window - extent.low - 1]
        }
        let gradient = StableHLO.Convolution(
            dimensions: swapped, strides: kernelDilation, padding: padding, inputDilation: inputDilation,
            kernelDilation: strides, batchGroups: featureGroups)
        return Tensor.apply(gradient, input, g)
    }
}
