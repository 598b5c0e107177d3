public import StableHLO

/// A symbolic tensor: a shape, an element type and how it is computed, but no numbers.
///
/// Tensors are immutable and compare by identity of their computation. Arithmetic builds a graph, which ``Tracer``
/// lowers to a program. A shape mistake stops the program where it is made, naming operation, shapes and caller.
public struct Tensor: Sendable {
    let node: Node
    /// Which of the node's results this is.
    let index: Int

    /// Shape and element type.
    public var type: TensorType { node.resultTypes[index] }

    /// Elements along each dimension; empty for a scalar.
    public var shape: [Int] { type.shape }

    /// What an element is.
    public var elementType: ElementType { type.elementType }

    /// The number of dimensions.
    public var rank: Int { type.rank }

    /// The product of the shape.
    public var elementCount: Int { type.elementCount }
}

/// One computation of the graph and the tensors it reads.
final class Node: Sendable {
    enum Kind: Sendable {
        case operation(any Operation)
        /// An argument of a program or of a loop's body.
        case argument
        case composite(Composite)
        case loop(Loop)
    }

    /// Only ``deinit`` changes this and the operands, when nobody else holds the node.
    nonisolated(unsafe) private(set) var kind: Kind
    let resultTypes: [TensorType]
    nonisolated(unsafe) private(set) var operands: [Tensor]

    init(_ kind: Kind, operands: [Tensor], resultTypes: [TensorType]) {
        self.kind = kind
        self.operands = operands
        self.resultTypes = resultTypes
    }

    /// Releases a long chain of nodes step by step; recursion would overflow the stack.
    deinit {
        var pending = takeNodes()
        while var node = pending.popLast() {
            if isKnownUniquelyReferenced(&node) { pending += node.takeNodes() }
        }
    }

    /// Gives up every node that this one holds.
    private func takeNodes() -> [Node] {
        var held = operands
        switch kind {
        case .operation, .argument: break
        case .composite(let composite): held += composite.decomposed
        case .loop(let loop): held += loop.arguments + [loop.condition] + loop.body
        }
        operands = []
        kind = .argument
        return held.map(\.node)
    }

    var results: [Tensor] { resultTypes.indices.map { Tensor(node: self, index: $0) } }
}

/// One result of one node, as a dictionary key. It does not keep the node alive.
struct TensorIdentity: Hashable {
    let node: ObjectIdentifier
    let index: Int

    init(_ tensor: Tensor) {
        node = ObjectIdentifier(tensor.node)
        index = tensor.index
    }
}

extension Tensor {
    /// Applies an operation; a broken shape rule stops here with the caller's location.
    static func apply(
        _ operation: some Operation, _ operands: [Tensor], _ file: StaticString, _ line: UInt
    ) -> [Tensor] {
        do {
            let types = try operation.resultTypes(for: operands.map(\.type))
            return Node(.operation(operation), operands: operands, resultTypes: types).results
        } catch {
            stopTracing("\(error)", file, line)
        }
    }

    static func apply(
        _ operation: some Operation, _ operands: Tensor..., file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        apply(operation, operands, file, line)[0]
    }

    /// A placeholder for a value that is given when the program runs.
    static func argument(_ type: TensorType) -> Tensor {
        Tensor(node: Node(.argument, operands: [], resultTypes: [type]), index: 0)
    }
}

/// Ends the process for a mistake in the calling program, the trace-time counterpart of an index out of range.
func stopTracing(_ message: String, _ file: StaticString, _ line: UInt) -> Never {
    fatalError("\(message), at \(file):\(line)", file: file, line: line)
}
