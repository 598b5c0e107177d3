/// The same elements, row-major, in another shape.
package struct Reshape: Operation {
    /// Of the result, of as many elements as the operand.
    package let shape: [Int]

    /// - Parameter shape: of as many elements as the operand
    package init(to shape: [Int]) { self.shape = shape }

    package var mnemonic: String { "reshape" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(1, of: operands)
        let result = operands[0].with(shape: shape)
        guard shape.allSatisfy({ $0 >= 0 }), result.elementCount == operands[0].elementCount else {
            throw failure(operands, "has \(operands[0].elementCount) elements, which do not fill shape \(shape)")
        }
        return [result]
    }

    package func text(_ context: TextContext) -> String { genericText(context) }
}

/// Repeats a tensor: operand dimension `i` becomes result dimension `dimensions[i]`, sizes 1 stretch.
package struct BroadcastInDim: Operation {
    /// Of the result.
    package let shape: [Int]
    /// For each dimension of the operand, the result's that it becomes; ascending.
    package let dimensions: [Int]

    /// - Parameters:
    ///   - shape: of the result
    ///   - dimensions: for each dimension of the operand, the result's that it becomes
    package init(to shape: [Int], dimensions: [Int]) {
        self.shape = shape
        self.dimensions = dimensions
    }

    package var mnemonic: String { "broadcast_in_dim" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(1, of: operands)
        guard shape.allSatisfy({ $0 >= 0 }) else { throw failure(operands, "cannot fill the negative shape \(shape)") }
        guard dimensions.count == operands[0].rank, Set(dimensions).count == dimensions.count,
            dimensions.allSatisfy({ shape.indices.contains($0) })
        else { throw failure(operands, "cannot map its dimensions to \(dimensions) of shape \(shape)") }
        for (size, dimension) in zip(operands[0].shape, dimensions) where size != 1 && size != shape[dimension] {
            throw failure(operands, "does not broadcast to shape \(shape): size \(size) meets \(shape[dimension])")
        }
        return [operands[0].with(shape: shape)]
    }

    package func text(_ context: TextContext) -> String {
        genericText(context, attributes: ["broadcast_dimensions = \(integerArray(dimensions))"])
    }
}

/// Reorders dimensions: result dimension `i` is operand dimension `permutation[i]`.
package struct Transpose: Operation {
    /// For each dimension of the result, the operand's that it is.
    package let permutation: [Int]

    /// - Parameter permutation: for each dimension of the result, the operand's that it is
    package init(_ permutation: [Int]) { self.permutation = permutation }

    package var mnemonic: String { "transpose" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(1, of: operands)
        guard permutation.sorted() == Array(operands[0].shape.indices) else {
            throw failure(operands, "cannot be permuted by \(permutation)")
        }
        return [operands[0].with(shape: permutation.map { operands[0].shape[$0] })]
    }

    package func text(_ context: TextContext) -> String {
        genericText(context, attributes: ["permutation = \(integerArray(permutation))"])
    }
}

/// Reverses the order of elements along dimensions.
package struct Reverse: Operation {
    /// Those along which the order is turned round.
    package let dimensions: [Int]

    /// - Parameter dimensions: those along which the order is turned round
    package init(_ dimensions: [Int]) { self.dimensions = dimensions }

    package var mnemonic: String { "reverse" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(1, of: operands)
        guard Set(dimensions).count == dimensions.count, dimensions.allSatisfy(operands[0].shape.indices.contains)
        else {
            throw failure(operands, "cannot be reversed along \(dimensions)")
        }
        return operands
    }

    package func text(_ context: TextContext) -> String {
        genericText(context, attributes: ["dimensions = \(integerArray(dimensions))"])
    }
}
