import StableHLO

/// A while loop whose condition and body are graphs over their own arguments.
struct Loop: Sendable {
    let arguments: [Tensor]
    let condition: Tensor
    let body: [Tensor]
}

extension Tensor {
    /// Repeats `body` while `condition` holds, starting from `initial`; returns the last values.
    ///
    /// Both closures may use tensors from outside the loop. A loop is not differentiable: give the composite
    /// around it a derivative of its own.
    public static func loop(
        _ initial: [Tensor], while condition: ([Tensor]) -> Tensor, body: ([Tensor]) -> [Tensor],
        file: StaticString = #fileID, line: UInt = #line
    ) -> [Tensor] {
        let arguments = initial.map { argument($0.type) }
        let test = condition(arguments)
        let next = body(arguments)
        guard test.type == TensorType([], .bool) else {
            stopTracing("\(ShapeError("while", [test.type], "takes a scalar boolean condition"))", file, line)
        }
        guard next.map(\.type) == initial.map(\.type) else {
            let error = ShapeError("while", initial.map(\.type), "has a body that returns \(next.map(\.type))")
            stopTracing("\(error)", file, line)
        }
        let loop = Loop(arguments: arguments, condition: test, body: next)
        return Node(.loop(loop), operands: initial, resultTypes: initial.map(\.type)).results
    }

    /// Runs `body` for counter values `0 ..< count` (`count` an int32 scalar), carrying values along.
    public static func repeated(
        _ count: Tensor, _ initial: [Tensor], body: (_ counter: Tensor, _ values: [Tensor]) -> [Tensor],
        file: StaticString = #fileID, line: UInt = #line
    ) -> [Tensor] {
        let results = loop(
            [Tensor(integer: 0)] + initial, while: { $0[0].compared(.less, to: count) },
            body: { [$0[0] + Tensor(integer: 1)] + body($0[0], Array($0.dropFirst())) }, file: file, line: line)
        return Array(results.dropFirst())
    }
}
