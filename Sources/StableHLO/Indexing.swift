/// Takes whole rows of a table: result row `i` is row `indices[i]`; indices beyond the table are clamped.
///
/// Operands: table (rows, ...), indices (any shape of int32). Result: indices' shape + a row's shape.
package struct GatherRows: Operation {
    /// Operands: table (rows, ...) and indices.
    package init() {}

    package var mnemonic: String { "gather" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(2, of: operands)
        guard operands[0].rank >= 1, operands[1].elementType.isInteger else {
            throw failure(operands, "takes a table and integer row numbers")
        }
        return [operands[0].with(shape: operands[1].shape + operands[0].shape.dropFirst())]
    }

    package func text(_ context: TextContext) -> String {
        let (table, indices) = (context.operandTypes[0], context.operandTypes[1])
        let offsets = (0..<(table.rank - 1)).map { String(indices.rank + $0) }.joined(separator: ", ")
        return genericText(
            context,
            attributes: [
                "dimension_numbers = #stablehlo.gather<offset_dims = [\(offsets)], collapsed_slice_dims = [0], "
                    + "start_index_map = [0], index_vector_dim = \(indices.rank)>",
                "indices_are_sorted = false",
                "slice_sizes = \(integerArray([1] + table.shape.dropFirst()))",
            ])
    }
}

/// Adds rows into a table: `table[indices[i]] += updates[i]`, in any order, repeated indices included.
///
/// Operands: table (rows, ...), indices, updates (indices' shape + a row's shape).
package struct ScatterAddRows: Operation {
    /// Operands: table (rows, ...), indices, and what is added to the rows.
    package init() {}

    package var mnemonic: String { "scatter" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(3, of: operands)
        let (table, indices, updates) = (operands[0], operands[1], operands[2])
        guard table.rank >= 1, indices.elementType.isInteger, updates.elementType == table.elementType,
            updates.shape == indices.shape + table.shape.dropFirst()
        else { throw failure(operands, "takes a table, integer row numbers and one update row for each") }
        return [table]
    }

    package func text(_ context: TextContext) -> String {
        let (table, indices) = (context.operandTypes[0], context.operandTypes[1])
        let windows = (0..<(table.rank - 1)).map { String(indices.rank + $0) }.joined(separator: ", ")
        let scalar = TensorType([], table.elementType)
        return "\"stablehlo.scatter\"(\(context.operandList)) ({ ^bb0(%a: \(scalar), %b: \(scalar)): "
            + "%c = stablehlo.add %a, %b : \(scalar) stablehlo.return %c : \(scalar) }) "
            + "{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<"
            + "update_window_dims = [\(windows)], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], "
            + "index_vector_dim = \(indices.rank)>, unique_indices = false} : \(context.signature)"
    }
}
