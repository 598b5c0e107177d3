import StableHLO

/// Marks a tensor whose first dimension is cut into one piece a device; on one device it is the tensor itself.
///
/// The lowering replaces it, since only that knows how many devices there are.
struct BatchSplit: DifferentiableOperation {
    var mnemonic: String { "batch_split" }

    func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] { operands }

    func text(_ context: TextContext) -> String { preconditionFailure("the lowering replaces \(mnemonic)") }

    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        cotangents.map { $0?.splitAcrossDevices() }
    }
}

extension Tensor {
    /// This tensor with its first dimension spread over all devices of the program; XLA's partitioner divides what is
    /// computed from it. Its size must be a multiple of the number of devices.
    public func splitAcrossDevices() -> Tensor { Tensor.apply(BatchSplit(), self) }
}
