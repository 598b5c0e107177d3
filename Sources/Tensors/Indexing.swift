public import StableHLO

extension Tensor {
    /// Rows of this table: result row `i` is row `indices[i]`, clamped to the table.
    public func rows(at indices: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        Tensor.apply(GatherRows(), [self, indices], file, line)[0]
    }

    /// This table with `updates[i]` added to row `indices[i]`; repeated rows add up, rows beyond the table are dropped.
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
        guard let g = cotangents[0] else { return [nil, nil, nil] }
        // An update beyond the table was dropped; gathering alone would clamp its index.
        let (indices, updates) = (operands[1], operands[2])
        let first = indices.compared(.greaterOrEqual, to: 0)
        let present = first & indices.compared(.less, to: Double(g.shape[0]))
        let column = present.reshaped(to: indices.shape + [Int](repeating: 1, count: updates.rank - indices.rank))
        return [g, nil, column.select(g.rows(at: indices), updates.filled(with: 0))]
    }
}
