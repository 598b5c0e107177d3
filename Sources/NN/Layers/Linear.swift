public import Tensors

/// x W^T + b over the last dimension.
public struct Linear: Module {
    let weight: Parameter
    let bias: Parameter?

    /// - Parameters:
    ///   - inputs: features of the input
    ///   - outputs: features of the result
    ///   - bias: whether one is added
    ///   - initializer: of the weight; the bias starts as PyTorch's, or at 0 with another initializer.
    public init(_ inputs: Int, _ outputs: Int, bias: Bool = true, initializer: Initializer? = nil) {
        weight = Parameter([outputs, inputs], initializer ?? .fanIn(inputs))
        self.bias = bias ? Parameter([outputs], initializer == nil ? .fanIn(inputs) : .constant(0)) : nil
    }

    /// - Parameters:
    ///   - x: (..., inputs)
    ///   - context: parameters and mode
    /// - Returns: (..., outputs)
    public func callAsFunction(_ x: Tensor, _ context: Context) -> Tensor {
        linear(x, context[weight], bias: bias.map { context[$0] })
    }
}

/// Linear, SiLU, Linear: maps features to a condition.
public struct ConditionMLP: Module {
    private let first: Linear
    private let second: Linear

    /// - Parameters:
    ///   - inputs: features of a condition
    ///   - hidden: features between the layers
    ///   - outputs: features of the result
    public init(_ inputs: Int, hidden: Int, _ outputs: Int) {
        first = Linear(inputs, hidden)
        second = Linear(hidden, outputs)
    }

    public var children: [(name: String, value: Any)] { [("0", first), ("2", second)] }

    /// - Parameters:
    ///   - x: (batch, inputs)
    ///   - context: parameters and mode
    /// - Returns: (batch, outputs)
    public func callAsFunction(_ x: Tensor, _ context: Context) -> Tensor {
        second(silu(first(x, context)), context)
    }
}

/// Linear, exact GELU, Linear: a transformer's feed-forward part.
public struct FeedForward: Module {
    private let first: AffineMap
    private let second: AffineMap

    /// - Parameters:
    ///   - width: features of the input and of the result
    ///   - hidden: features between the layers
    public init(_ width: Int, hidden: Int) {
        first = AffineMap(width, hidden)
        second = AffineMap(hidden, width)
    }

    public var children: [(name: String, value: Any)] { [("0", first), ("2", second)] }

    /// - Parameters:
    ///   - x: (..., width)
    ///   - context: parameters and mode
    /// - Returns: of the shape of `x`
    public func callAsFunction(_ x: Tensor, _ context: Context) -> Tensor {
        feedForward(
            x, context[first.weight], bias1: context[first.bias], context[second.weight], bias2: context[second.bias])
    }
}

/// The parameters of a ``Linear`` that always has a bias.
private struct AffineMap: Module {
    let weight: Parameter
    let bias: Parameter

    init(_ inputs: Int, _ outputs: Int) {
        weight = Parameter([outputs, inputs], .fanIn(inputs))
        bias = Parameter([outputs], .fanIn(inputs))
    }
}
