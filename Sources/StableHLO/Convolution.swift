/// Which dimension of input, kernel and output plays which part in a convolution.
public struct ConvolutionDimensions: Hashable, Sendable {
    /// The input's dimension of the batch.
    public var inputBatch: Int
    /// The input's dimension of channels.
    public var inputFeature: Int
    /// The input's dimensions of space, in the order of the kernel's.
    public var inputSpatial: [Int]
    /// The kernel's dimension of output channels.
    public var kernelOutput: Int
    /// The kernel's dimension of input channels.
    public var kernelInput: Int
    /// The kernel's dimensions of space.
    public var kernelSpatial: [Int]
    /// The result's dimension of the batch.
    public var outputBatch: Int
    /// The result's dimension of channels.
    public var outputFeature: Int
    /// The result's dimensions of space.
    public var outputSpatial: [Int]

    /// Dimensions, as one list each: batch, channels, then space (of the kernel: output channels, input channels,
    /// space).
    public init(
        input: (batch: Int, feature: Int, spatial: [Int]), kernel: (output: Int, input: Int, spatial: [Int]),
        output: (batch: Int, feature: Int, spatial: [Int])
    ) {
        (inputBatch, inputFeature, inputSpatial) = input
        (kernelOutput, kernelInput, kernelSpatial) = kernel
        (outputBatch, outputFeature, outputSpatial) = output
    }

    /// Images (batch, height, width, channels), kernels as PyTorch keeps them (out, in, height, width).
    public static let channelsLast = ConvolutionDimensions(
        input: (0, 3, [1, 2]), kernel: (0, 1, [2, 3]), output: (0, 3, [1, 2]))

    /// Images (batch, channels, height, width), kernels as PyTorch keeps them (out, in, height, width).
    public static let channelsFirst = ConvolutionDimensions(
        input: (0, 1, [2, 3]), kernel: (0, 1, [2, 3]), output: (0, 1, [2, 3]))

    /// Whether each operand and the result have every dimension exactly once.
    var isComplete: Bool {
        let parts = [
            [inputBatch, inputFeature] + inputSpatial, [kernelOutput, kernelInput] + kernelSpatial,
            [outputBatch, outputFeature] + outputSpatial,
        ]
        return parts.allSatisfy { $0.sorted() == Array(0..<inputSpatial.count + 2) }
    }

    /// `[b, 0, 1, f]x[o, i, 0, 1]->[b, 0, 1, f]`
    var text: String {
        func layout(_ first: (Int, String), _ second: (Int, String), _ spatial: [Int]) -> String {
            var names = [String](repeating: "", count: spatial.count + 2)
            names[first.0] = first.1
            names[second.0] = second.1
            for (index, dimension) in spatial.enumerated() { names[dimension] = "\(index)" }
            return "[" + names.joined(separator: ", ") + "]"
        }
        return layout((inputBatch, "b"), (inputFeature, "f"), inputSpatial) + "x"
            + layout((kernelOutput, "o"), (kernelInput, "i"), kernelSpatial) + "->"
            + layout((outputBatch, "b"), (outputFeature, "f"), outputSpatial)
    }
}

/// Cross-correlation with stride, padding, dilation and groups, in any layout.
package struct Convolution: MatrixOperation, Hashable {
    /// Which dimension is which.
    package var dimensions: ConvolutionDimensions
    /// Steps of the kernel over the input, one for each dimension of space.
    package var strides: [Int]
    /// Rows added before and after, one pair a spatial dimension; negative crops.
    package var padding: [[Int]]
    /// Spacing of input elements (the gradient of a strided convolution has it).
    package var inputDilation: [Int]
    /// Distances between the kernel's elements, one for each dimension of space.
    package var kernelDilation: [Int]
    /// How many groups the channels are divided into, each convolved by itself.
    package var featureGroups: Int
    /// How many groups the batch is divided into, each convolved by its own kernels; a kernel's gradient asks for it.
    package var batchGroups: Int

    /// A convolution; what is left out does nothing.
    package init(
        dimensions: ConvolutionDimensions, strides: [Int], padding: [[Int]], inputDilation: [Int],
        kernelDilation: [Int], featureGroups: Int = 1, batchGroups: Int = 1
    ) {
        self.dimensions = dimensions
        self.strides = strides
        self.padding = padding
        self.inputDilation = inputDilation
        self.kernelDilation = kernelDilation
        self.featureGroups = featureGroups
        self.batchGroups = batchGroups
    }

    package var mnemonic: String { "convolution" }

    /// XLA knows no convolution of bfloat16 to float32 on a GPU: it would widen the operands and compute in TF32.
    package var resultOfBFloat16: ElementType { .bfloat16 }

    package func arithmetic(_ operands: [TensorType], _ result: TensorType) -> Double {
        let kernel = operands[1].shape
        let products = Double(result.elementCount) * Double(operands[1].elementCount / kernel[dimensions.kernelOutput])
        return 2 * products / Double(inputDilation.reduce(1, *))
    }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(2, of: operands)
        let (input, kernel) = (operands[0], operands[1])
        let spatialRank = dimensions.inputSpatial.count
        guard dimensions.isComplete else {
            throw failure(operands, "needs dimension numbers that name each dimension once")
        }
        guard input.rank == spatialRank + 2, kernel.rank == spatialRank + 2 else {
            throw failure(operands, "takes an input and a kernel of rank \(spatialRank + 2)")
        }
        guard input.elementType == kernel.elementType, input.elementType.isFloatingPoint else {
            throw failure(operands, "takes floating-point operands of one element type")
        }
        guard
            [strides, inputDilation, kernelDilation].allSatisfy({ $0.count == spatialRank && $0.allSatisfy { $0 > 0 } }
            ),
            padding.count == spatialRank, padding.allSatisfy({ $0.count == 2 }), featureGroups > 0, batchGroups > 0
        else {
            throw failure(
                operands, "needs positive strides, dilations and group counts, and a padding for each spatial dimension"
            )
        }
        let features = input.shape[dimensions.inputFeature]
        let outputFeatures = kernel.shape[dimensions.kernelOutput]
        guard features == kernel.shape[dimensions.kernelInput] * featureGroups else {
            throw failure(
                operands,
                "has \(features) input channels, the kernel takes \(kernel.shape[dimensions.kernelInput]) in each of \(featureGroups) groups"
            )
        }
        guard outputFeatures % (featureGroups * batchGroups) == 0,
            input.shape[dimensions.inputBatch] % batchGroups == 0
        else { throw failure(operands, "cannot divide its output channels into \(featureGroups * batchGroups) groups") }
        var shape = [Int](repeating: 0, count: input.rank)
        shape[dimensions.outputBatch] = input.shape[dimensions.inputBatch] / batchGroups
        shape[dimensions.outputFeature] = outputFeatures
        for index in 0..<spatialRank {
            let size =
                dilated(input.shape[dimensions.inputSpatial[index]], inputDilation[index]) + padding[index].reduce(0, +)
            let window = dilated(kernel.shape[dimensions.kernelSpatial[index]], kernelDilation[index])
            guard size >= window else {
                throw failure(operands, "has a kernel of extent \(window) over a padded input of \(size)")
            }
            shape[dimensions.outputSpatial[index]] = (size - window) / strides[index] + 1
        }
        return [input.with(shape: shape)]
    }

    package func text(_ context: TextContext) -> String {
        let pairs = padding.map { "[\($0[0]), \($0[1])]" }.joined(separator: ", ")
        return genericText(
            context,
            attributes: [
                "batch_group_count = \(batchGroups) : i64",
                "dimension_numbers = #stablehlo.conv<\(dimensions.text)>",
                "feature_group_count = \(featureGroups) : i64",
                "lhs_dilation = \(integerArray(inputDilation))",
                "padding = dense<[\(pairs)]> : tensor<\(padding.count)x2xi64>",
                precisionAttribute(context.precision),
                "rhs_dilation = \(integerArray(kernelDilation))",
                "window_strides = \(integerArray(strides))",
            ])
    }
}

/// The extent of `size` elements set `dilation` apart.
package func dilated(_ size: Int, _ dilation: Int) -> Int { size == 0 ? 0 : (size - 1) * dilation + 1 }
