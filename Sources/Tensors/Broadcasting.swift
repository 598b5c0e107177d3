public import StableHLO

extension Tensor {
    /// Repeats the tensor to fill `shape`, aligned at the end; sizes 1 stretch (NumPy's rule).
    public func broadcast(to shape: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        if shape == self.shape { return self }
        let offset = shape.count - rank
        let operation = BroadcastInDim(to: shape, dimensions: self.shape.indices.map { $0 + offset })
        return Tensor.apply(operation, [self], file, line)[0]
    }

    /// Both tensors repeated to their common shape.
    static func broadcast(
        _ a: Tensor, _ b: Tensor, _ operation: String, _ file: StaticString, _ line: UInt
    ) -> (Tensor, Tensor) {
        guard let shape = broadcastShape(a.shape, b.shape) else {
            let error = ShapeError(operation, [a.type, b.type], "shapes do not broadcast to a common one")
            stopTracing("\(error)", file, line)
        }
        return (a.broadcast(to: shape), b.broadcast(to: shape))
    }
}

/// NumPy's common shape of two shapes, or nil where sizes differ and neither is 1.
package func broadcastShape(_ a: [Int], _ b: [Int]) -> [Int]? {
    let rank = max(a.count, b.count)
    let left = [Int](repeating: 1, count: rank - a.count) + a
    let right = [Int](repeating: 1, count: rank - b.count) + b
    var shape: [Int] = []
    for (l, r) in zip(left, right) {
        guard l == r || l == 1 || r == 1 else { return nil }
        shape.append(l == 1 ? r : l)
    }
    return shape
}

extension BroadcastInDim: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        guard let g = cotangents[0] else { return [nil] }
        let source = operands[0].shape
        let stretched = Set(
            source.indices.filter { source[$0] == 1 && shape[dimensions[$0]] != 1 }.map { dimensions[$0] })
        let summed = shape.indices.filter { !dimensions.contains($0) || stretched.contains($0) }
        let kept = dimensions.filter { !stretched.contains($0) }
        // What is left stands in the order of the result; the operand may have it permuted.
        let ordered = kept.sorted()
        let reduced = g.sum(along: summed).transposed(kept.map { ordered.firstIndex(of: $0)! })
        return [reduced.reshaped(to: source)]
    }
}
