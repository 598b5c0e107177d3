public import StableHLO

extension Tensor {
    /// Rows of this table: result row `i` is row `indices[i]`, clamped to the table.
    public func rows(at indices: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        Tensor.apply(GatherRows(), [self, indices], file, line)[0]
    }

    /// This table with `updates[i]` added to row `indices[i]`; repeated rows add up.
    public func addingRows(
        _ updates: Tensor, at indices: Tensor, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        Tensor.apply(ScatterAddRows(), [self, indices, updates], file, line)[0]
    }
}

extension GatherRows: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        // Gathering clamps an index, scattering drops it; the derivative must clamp too.
        let last = Tensor(integer: operands[0].shape[0] - 1, elementType: operands[1].elementType)
        let first = Tensor(integer: 0, elementType: operands[1].elementType)
        let clamped = operands[1].minimum(last).maximum(first)
        return [cotangents[0].map { operands[0].filled(with: 0).addingRows($0, at: clamped) }, nil]
    }
}

extension ScatterAddRows: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        [cotangents[0], nil, cotangents[0]?.rows(at: operands[1])]
    }
}
