import StableHLO

/// How much a traced computation has to do, whatever runs it.
public enum Arithmetic {
    /// Multiplications and additions in the matrix products and convolutions below some results, each counted once;
    /// those inside loops are left out.
    public static func matrixOperations(below results: [Tensor]) -> Double {
        let nodes = topologicalOrder(of: results) { node in
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
