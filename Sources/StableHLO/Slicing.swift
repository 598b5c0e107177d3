/// A strided window with bounds known at trace time.
package struct Slice: Operation {
    /// The first index along each dimension.
    package let starts: [Int]
    /// The index after the last along each dimension.
    package let limits: [Int]
    /// Steps between indices along each dimension, at least 1.
    package let strides: [Int]

    /// - Parameters:
    ///   - starts: first indices
    ///   - limits: indices after the last
    ///   - strides: steps between them
    package init(starts: [Int], limits: [Int], strides: [Int]) {
        self.starts = starts
        self.limits = limits
        self.strides = strides
    }

    package var mnemonic: String { "slice" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(1, of: operands)
        let shape = operands[0].shape
        guard starts.count == shape.count, limits.count == shape.count, strides.count == shape.count,
            shape.indices.allSatisfy({
                0 <= starts[$0] && starts[$0] <= limits[$0] && limits[$0] <= shape[$0] && strides[$0] > 0
            })
        else { throw failure(operands, "has no window from \(starts) to \(limits) by \(strides)") }
        return [
            operands[0].with(shape: shape.indices.map { (limits[$0] - starts[$0] + strides[$0] - 1) / strides[$0] })
        ]
    }

    package func text(_ context: TextContext) -> String {
        genericText(
            context,
            attributes: [
                "start_indices = \(integerArray(starts))", "limit_indices = \(integerArray(limits))",
                "strides = \(integerArray(strides))",
            ])
    }
}

/// Surrounds a tensor with a value and spreads its elements; negative edges crop.
package struct Pad: Operation {
    /// Elements before the first along each dimension; fewer than none cuts off.
    package let low: [Int]
    /// Elements after the last along each dimension; fewer than none cuts off.
    package let high: [Int]
    /// Elements between neighbours along each dimension.
    package let interior: [Int]

    /// - Parameters:
    ///   - low: elements before the first
    ///   - high: elements after the last
    ///   - interior: elements between neighbours
    package init(low: [Int], high: [Int], interior: [Int]) {
        self.low = low
        self.high = high
        self.interior = interior
    }

    package var mnemonic: String { "pad" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(2, of: operands)
        guard operands[1] == TensorType([], operands[0].elementType) else {
            throw failure(operands, "takes a scalar of the same element type as its padding value")
        }
        let shape = operands[0].shape
        guard [low, high, interior].allSatisfy({ $0.count == shape.count }), interior.allSatisfy({ $0 >= 0 }) else {
            throw failure(operands, "cannot be padded by \(low), \(high) with \(interior) between elements")
        }
        let padded = shape.indices.map { shape[$0] + max(0, shape[$0] - 1) * interior[$0] + low[$0] + high[$0] }
        guard padded.allSatisfy({ $0 >= 0 }) else { throw failure(operands, "would be cropped to \(padded)") }
        return [operands[0].with(shape: padded)]
    }

    package func text(_ context: TextContext) -> String {
        genericText(
            context,
            attributes: [
                "edge_padding_low = \(integerArray(low))", "edge_padding_high = \(integerArray(high))",
                "interior_padding = \(integerArray(interior))",
            ])
    }
}

/// Joins tensors along one dimension.
package struct Concatenate: Operation {
    /// Along which operands follow each other.
    package let dimension: Int

    /// - Parameter dimension: along which operands follow each other
    package init(dimension: Int) { self.dimension = dimension }

    package var mnemonic: String { "concatenate" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        guard let first = operands.first, first.shape.indices.contains(dimension) else {
            throw failure(operands, "needs at least one tensor with a dimension \(dimension)")
        }
        var shape = first.shape
        for operand in operands.dropFirst() {
            var expected = operand.shape
            guard expected.count == shape.count else { throw failure(operands, "joins tensors of one rank") }
            expected[dimension] = shape[dimension]
            guard expected == shape, operand.elementType == first.elementType else {
                throw failure(operands, "joins tensors that differ in dimension \(dimension) only")
            }
            shape[dimension] += operand.shape[dimension]
        }
        return [first.with(shape: shape)]
    }

    package func text(_ context: TextContext) -> String {
        genericText(context, attributes: ["dimension = \(dimension) : i64"])
    }
}

/// A window whose start is computed; it is moved inside the bounds where it would leave them.
package struct DynamicSlice: Operation {
    /// Of the result along each dimension.
    package let sizes: [Int]

    /// - Parameter sizes: of the result along each dimension
    package init(sizes: [Int]) { self.sizes = sizes }

    package var mnemonic: String { "dynamic_slice" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        guard let source = operands.first, operands.count == source.rank + 1,
            operands.dropFirst().allSatisfy({ $0.rank == 0 && $0.elementType.isInteger })
        else { throw failure(operands, "takes a tensor and one integer scalar a dimension") }
        guard sizes.count == source.rank, zip(sizes, source.shape).allSatisfy({ 0 <= $0 && $0 <= $1 }) else {
            throw failure(operands, "has no window of sizes \(sizes)")
        }
        return [source.with(shape: sizes)]
    }

    package func text(_ context: TextContext) -> String {
        genericText(context, attributes: ["slice_sizes = \(integerArray(sizes))"])
    }
}

/// Overwrites a window whose start is computed.
package struct DynamicUpdateSlice: Operation {
    /// Operands: a tensor, what takes a part's place, and a scalar start for each dimension.
    package init() {}

    package var mnemonic: String { "dynamic_update_slice" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        guard operands.count >= 2, operands.count == operands[0].rank + 2,
            operands.dropFirst(2).allSatisfy({ $0.rank == 0 && $0.elementType.isInteger })
        else { throw failure(operands, "takes a tensor, an update and one integer scalar a dimension") }
        guard operands[1].elementType == operands[0].elementType, operands[1].rank == operands[0].rank,
            zip(operands[1].shape, operands[0].shape).allSatisfy({ $0 <= $1 })
        else { throw failure(operands, "takes an update that fits inside the tensor") }
        return [operands[0]]
    }

    package func text(_ context: TextContext) -> String { genericText(context) }
}
