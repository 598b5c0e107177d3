public import StableHLO

extension Tensor {
    /// The same elements in the same row-major order in another shape.
    public func reshaped(to shape: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        shape == self.shape ? self : Tensor.apply(Reshape(to: shape), [self], file, line)[0]
    }

    /// Result dimension `i` is dimension `permutation[i]` of this tensor.
    public func transposed(_ permutation: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        permutation == Array(0..<rank) ? self : Tensor.apply(Transpose(permutation), [self], file, line)[0]
    }

    /// The last two dimensions exchanged.
    public func transposed(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        var permutation = Array(0..<rank)
        if rank >= 2 { permutation.swapAt(rank - 1, rank - 2) }
        return transposed(permutation, file: file, line: line)
    }

    /// A new dimension of size 1 before dimension `dimension`.
    public func expanded(at dimension: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        guard (0...rank).contains(dimension) else {
            stopTracing("\(ShapeError("expanded", [type], "has no place for a dimension \(dimension)"))", file, line)
        }
        var shape = self.shape
        shape.insert(1, at: dimension)
        return reshaped(to: shape, file: file, line: line)
    }

    /// The order along dimensions turned round.
    public func reversed(along dimensions: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
        dimensions.isEmpty ? self : Tensor.apply(Reverse(dimensions), [self], file, line)[0]
    }
}

extension Reshape: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        [cotangents[0]?.reshaped(to: operands[0].shape)]
    }
}

extension Transpose: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        let inverse = permutation.indices.map { permutation.firstIndex(of: $0)! }
        return [cotangents[0]?.transposed(inverse)]
    }
}

extension Reverse: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] {
        [cotangents[0]?.reversed(along: dimensions)]
    }
}
