import StableHLO
public import Tensors

/// SiLU and batch normalisation over all but the last dimension.
///
/// Training uses the statistics of the batch and moves the running ones by `momentum` towards them (the variance
/// unbiased, as PyTorch's); evaluation uses the running ones.
public struct BatchNorm: Module {
    private let weight: Parameter
    private let bias: Parameter
    private let runningMean: Parameter
    private let runningVar: Parameter
    private let numBatchesTracked: Parameter
    private let epsilon = 1e-5
    private let momentum = 0.1

    /// - Parameter channels: of the last dimension
    public init(_ channels: Int) {
        weight = Parameter([channels], .constant(1))
        bias = Parameter([channels], .constant(0))
        runningMean = .state(TensorType([channels]), .constant(0))
        runningVar = .state(TensorType([channels]), .constant(1))
        numBatchesTracked = .state(TensorType([], .int64), .constant(0))
    }

    public var children: [(name: String, value: Any)] {
        [
            ("weight", weight), ("bias", bias), ("running_mean", runningMean), ("running_var", runningVar),
            ("num_batches_tracked", numBatchesTracked),
        ]
    }

    /// - Parameters:
    ///   - x: (batch, height, width, channels)
    ///   - context: parameters and mode
    ///   - order: whether the activation follows or is followed
    /// - Returns: of the shape of `x`
    public func callAsFunction(_ x: Tensor, _ context: Context, order: ActivationOrder) -> Tensor {
        switch context.mode {
        case .evaluation: evaluated(x, context, order)
        case .training: trained(x, context, order)
        }
    }

    private func evaluated(_ x: Tensor, _ context: Context, _ order: ActivationOrder) -> Tensor {
        let factor = context[weight] * rsqrt(context[runningVar] + epsilon)
        let offset = context[bias] - context[runningMean] * factor
        return affine(x, scale: factor, shift: offset, order: order)
    }

    private func trained(_ x: Tensor, _ context: Context, _ order: ActivationOrder) -> Tensor {
        let batch = batchNormalized(
            x, scale: context[weight], shift: context[bias], epsilon: epsilon, order: order)
        let count = Double(x.elementCount / x.shape[x.rank - 1])
        let unbiased = batch.variance * (count / max(1, count - 1))
        context.update(runningMean, to: context[runningMean] * (1 - momentum) + batch.mean * momentum)
        context.update(runningVar, to: context[runningVar] * (1 - momentum) + unbiased * momentum)
        let tracked = context[numBatchesTracked]
        context.update(numBatchesTracked, to: tracked + Tensor(integer: 1, elementType: .int64))
        return batch.output
    }
}
