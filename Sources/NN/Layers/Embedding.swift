public import Tensors

/// A table of vectors looked up by integer.
public struct Embedding: Module {
    private let weight: Parameter

    /// - Parameters:
    ///   - rows: how many indices there are
    ///   - width: features of each
    public init(_ rows: Int, _ width: Int) {
        weight = Parameter([rows, width], .normal(standardDeviation: 1))
    }

    /// (batch) int32 to (batch, width)
    public func callAsFunction(_ indices: Tensor, _ context: Context) -> Tensor {
        context[weight].rows(at: indices)
    }
}

/// Random Fourier features of time with trained frequencies: sqrt(2) [sin f, cos f], f = 2 pi t w
/// (Tancik et al. 2020).
public struct FourierFeatures: Module {
    private let weights: Parameter

    /// - Parameter width: features of a time, half cosines and half sines; even
    public init(_ width: Int) {
        weights = Parameter([1, width / 2], .normal(standardDeviation: 1))
    }

    /// (batch) to (batch, width)
    public func callAsFunction(_ time: Tensor, _ context: Context) -> Tensor {
        let angles = time.expanded(at: 1) * context[weights] * (2 * Double.pi)
        return Tensor.concatenated([sin(angles), cos(angles)], along: 1) * 2.0.squareRoot()
    }
}
