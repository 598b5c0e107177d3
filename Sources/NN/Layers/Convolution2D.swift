public import Tensors

/// Convolution of images (batch, height, width, channels); weights as PyTorch keeps them, (out, in, k, k).
public struct Convolution2D: Module {
    private let weight: Parameter
    private let bias: Parameter
    private let stride: Int
    private let padding: Int

    /// - Parameters:
    ///   - inputs: channels of the input
    ///   - outputs: channels of the result
    ///   - kernel: height and width of the kernel
    ///   - stride: steps of the kernel, in pixels
    ///   - padding: zeros on each side, in pixels
    public init(_ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0) {
        let initializer = Initializer.fanIn(inputs * kernel * kernel)
        weight = Parameter([outputs, inputs, kernel, kernel], initializer)
        bias = Parameter([outputs], initializer)
        self.stride = stride
        self.padding = padding
    }

    /// - Parameters:
    ///   - images: (batch, height, width, inputs)
    ///   - context: parameters and mode
    ///   - residual: added to the result.
    public func callAsFunction(_ images: Tensor, _ context: Context, adding residual: Tensor? = nil) -> Tensor {
        convolution(images, context[weight], bias: context[bias], stride: stride, padding: padding, adding: residual)
    }
}
