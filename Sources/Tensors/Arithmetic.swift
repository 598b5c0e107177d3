package import StableHLO

/// How much a computation has to do, whatever runs it.
package enum Arithmetic {
    /// Multiplications and additions in the matrix products and convolutions that a function's results need, each
    /// counted once; those inside loops are left out.
    package static func matrixOperations(arguments types: [TensorType], body: ([Tensor]) -> [Tensor]) -> Double {
        let nodes = topologicalOrder(of: body(types.map(Tensor.argument))) { node in
            if case .composite(let composite) = node.kind { return composite.decomposed }
            return node.operands
        }
        return nodes.reduce(0) { total, node in
            guard case .operation(let operation) = node.kind, let matrix = operation as? any MatrixOperation else {
                return total
            }
            return total + matrix.arithmetic(node.operands.map(\.type), node.resultTypes[0])
        }
    }
}
