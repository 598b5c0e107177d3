public import Tensors

/// Multi-head self-attention with packed projections, named and initialised as PyTorch's `MultiheadAttention`.
public struct SelfAttention: Module {
    private let inProjWeight: Parameter
    private let inProjBias: Parameter
    private let outProj: OutputProjection
    private let heads: Int

    /// - Parameters:
    ///   - width: features of a token
    ///   - heads: divides `width`.
    public init(_ width: Int, heads: Int) {
        inProjWeight = Parameter([3 * width, width], .xavierUniform(inputs: width, outputs: 3 * width))
        inProjBias = Parameter([3 * width], .constant(0))
        outProj = OutputProjection(width)
        self.heads = heads
    }

    /// (batch, length, width) to the same shape.
    public func callAsFunction(_ x: Tensor, _ context: Context) -> Tensor {
        let packed = linear(x, context[inProjWeight], bias: context[inProjBias])
        return outProj(attention(packed, heads: heads), context)
    }
}

/// A linear map whose bias alone starts at 0.
private struct OutputProjection: Module {
    private let weight: Parameter
    private let bias: Parameter

    init(_ width: Int) {
        weight = Parameter([width, width], .fanIn(width))
        bias = Parameter([width], .constant(0))
    }

    func callAsFunction(_ x: Tensor, _ context: Context) -> Tensor {
        linear(x, context[weight], bias: context[bias])
    }
}
