/// Batched matrix product over any dimensions: the result has the batch dimensions, then what is left of the
/// first operand, then what is left of the second.
package struct DotGeneral: MatrixOperation {
    /// The left operand's dimensions of batches, which come first in the result.
    package let batchingLeft: [Int]
    /// The right operand's, in the same order.
    package let batchingRight: [Int]
    /// The left operand's dimensions that are summed over.
    package let contractingLeft: [Int]
    /// The right operand's, in the same order.
    package let contractingRight: [Int]

    /// A product; dimensions that are named in no list follow in the result, the left operand's first.
    package init(batchingLeft: [Int], batchingRight: [Int], contractingLeft: [Int], contractingRight: [Int]) {
        self.batchingLeft = batchingLeft
        self.batchingRight = batchingRight
        self.contractingLeft = contractingLeft
        self.contractingRight = contractingRight
    }

    package var mnemonic: String { "dot_general" }

    package var resultOfBFloat16: ElementType { .float32 }

    package func arithmetic(_ operands: [TensorType], _ result: TensorType) -> Double {
        2 * Double(result.elementCount) * Double(contractingLeft.map { operands[0].shape[$0] }.reduce(1, *))
    }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(2, of: operands)
        let (left, right) = (operands[0], operands[1])
        guard left.elementType == right.elementType, left.elementType != .bool else {
            throw failure(operands, "multiplies numbers of one element type")
        }
        let usedLeft = batchingLeft + contractingLeft
        let usedRight = batchingRight + contractingRight
        guard batchingLeft.count == batchingRight.count, contractingLeft.count == contractingRight.count,
            Set(usedLeft).count == usedLeft.count, Set(usedRight).count == usedRight.count,
            usedLeft.allSatisfy(left.shape.indices.contains), usedRight.allSatisfy(right.shape.indices.contains)
        else { throw failure(operands, "cannot pair dimensions \(usedLeft) with \(usedRight)") }
        for (l, r) in zip(usedLeft, usedRight) where left.shape[l] != right.shape[r] {
            throw failure(
                operands, "pairs dimension \(l) of size \(left.shape[l]) with dimension \(r) of size \(right.shape[r])")
        }
        let shape =
            batchingLeft.map { left.shape[$0] }
            + left.shape.indices.filter { !usedLeft.contains($0) }.map { left.shape[$0] }
            + right.shape.indices.filter { !usedRight.contains($0) }.map { right.shape[$0] }
        return [left.with(shape: shape)]
    }

    package func text(_ context: TextContext) -> String {
        func list(_ dimensions: [Int]) -> String { "[" + dimensions.map(String.init).joined(separator: ", ") + "]" }
        let numbers =
            "#stablehlo.dot<lhs_batching_dimensions = \(list(batchingLeft)), "
            + "rhs_batching_dimensions = \(list(batchingRight)), "
            + "lhs_contracting_dimensions = \(list(contractingLeft)), "
            + "rhs_contracting_dimensions = \(list(contractingRight))>"
        return genericText(
            context, attributes: ["dot_dimension_numbers = \(numbers)", precisionAttribute(context.precision)])
    }
}

func precisionAttribute(_ precision: MatrixPrecision) -> String {
    let operand = "#stablehlo<precision \(precision.operandPrecision)>"
    return "precision_config = [\(operand), \(operand)]"
}
