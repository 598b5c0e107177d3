/// Combines all elements along dimensions, which disappear.
///
/// Operands: the tensor and the scalar that combining starts from.
package struct Reduce: Operation {
    /// How two values become one.
    package enum Combiner: String, Sendable, CaseIterable {
        /// The sum.
        case add
        /// The largest.
        case maximum
        /// The smallest.
        case minimum
        /// The product.
        case multiply
        /// Whether all are true.
        case and
        /// Whether any is true.
        case or
    }

    /// How two values become one.
    package let combiner: Combiner
    /// The dimensions that go.
    package let dimensions: [Int]

    /// - Parameters:
    ///   - combiner: how two values become one
    ///   - dimensions: those that go; they may be given in any order
    package init(_ combiner: Combiner, dimensions: [Int]) {
        self.combiner = combiner
        self.dimensions = dimensions
    }

    package var mnemonic: String { "reduce" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(2, of: operands)
        guard operands[1] == TensorType([], operands[0].elementType) else {
            throw failure(operands, "takes a scalar of the same element type to start from")
        }
        guard Set(dimensions).count == dimensions.count, dimensions.allSatisfy(operands[0].shape.indices.contains)
        else {
            throw failure(operands, "has no dimensions \(dimensions) to reduce")
        }
        switch combiner {
        case .and, .or:
            guard !operands[0].elementType.isFloatingPoint else {
                throw failure(operands, "takes integers or booleans")
            }
        case .add, .maximum, .minimum, .multiply:
            guard operands[0].elementType != .bool else { throw failure(operands, "takes numbers") }
        }
        let kept = operands[0].shape.indices.filter { !dimensions.contains($0) }
        return [operands[0].with(shape: kept.map { operands[0].shape[$0] })]
    }

    package func text(_ context: TextContext) -> String {
        "stablehlo.reduce(\(context.operands[0]) init: \(context.operands[1])) applies stablehlo.\(combiner.rawValue) "
            + "across dimensions = [\(dimensions.map(String.init).joined(separator: ", "))] : \(context.signature)"
    }
}
