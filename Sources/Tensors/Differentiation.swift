public import StableHLO

/// An operation with a reverse-mode rule, kept beside its builder.
protocol DifferentiableOperation: Operation {
    /// The cotangent of each operand, nil where the result does not depend on it smoothly.
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?]
}

/// Gradients of a scalar with respect to tensors it was computed from, by reverse-mode differentiation.
///
/// A tensor that `value` does not depend on has a gradient of zeros. Stops where the path leads through a loop
/// without a derivative.
public func gradients(
    of value: Tensor, withRespectTo variables: [Tensor], file: StaticString = #fileID, line: UInt = #line
) -> [Tensor] {
    guard value.rank == 0, value.elementType.isFloatingPoint else {
        stopTracing("\(ShapeError("gradients", [value.type], "differentiates a floating-point scalar"))", file, line)
    }
    let start = Tensor(1, elementType: value.elementType)
    return pullback(of: [value], withRespectTo: variables, cotangents: [start], file: file, line: line)
}

/// Vector-Jacobian product: cotangents of `variables` for given cotangents of `values`.
public func pullback(
    of values: [Tensor], withRespectTo variables: [Tensor], cotangents: [Tensor],
    file: StaticString = #fileID, line: UInt = #line
) -> [Tensor] {
    guard values.map(\.type) == cotangents.map(\.type) else {
        let types = (values + cotangents).map(\.type)
        stopTracing("\(ShapeError("pullback", types, "takes a cotangent of each value's type"))", file, line)
    }
    var backward = BackwardPass(to: variables, from: values, file, line)
    for (value, cotangent) in zip(values, cotangents) { backward.accumulate(cotangent, to: value) }
    backward.run()
    return variables.map { backward.cotangents[TensorIdentity($0)] ?? $0.filled(with: 0) }
}

private struct BackwardPass {
    var cotangents: [TensorIdentity: Tensor] = [:]
    private let order: [Node]
    private let active: Set<ObjectIdentifier>
    private let variables: Set<TensorIdentity>
    private let file: StaticString
    private let line: UInt

    init(to variables: [Tensor], from values: [Tensor], _ file: StaticString, _ line: UInt) {
        self.variables = Set(variables.map(TensorIdentity.init))
        self.file = file
        self.line = line
        let targets = Set(variables.map { ObjectIdentifier($0.node) })
        order = topologicalOrder(of: values) { node in
            if targets.contains(ObjectIdentifier(node)) && node.operands.isEmpty { return [] }
            return BackwardPass.sources(of: node)
        }
        var active = targets
        for node in order
        where BackwardPass.sources(of: node).contains(where: { active.contains(ObjectIdentifier($0.node)) }) {
            active.insert(ObjectIdentifier(node))
        }
        self.active = active
    }

    /// What a node's derivative flows to: a composite without a rule of its own passes it to its decomposition.
    private static func sources(of node: Node) -> [Tensor] {
        if case .composite(let composite) = node.kind, composite.pullback == nil { return composite.decomposed }
        return node.operands
    }

    mutating func accumulate(_ cotangent: Tensor, to tensor: Tensor) {
        guard active.contains(ObjectIdentifier(tensor.node)) else { return }
        let identity = TensorIdentity(tensor)
        cotangents[identity] = cotangents[identity].map { total($0, cotangent) } ?? cotangent
    }

    private func total(_ before: Tensor, _ cotangent: Tensor) -> Tensor {
        guard case .composite(let composite) = cotangent.node.kind, let sum = composite.sum else {
            return before + cotangent
        }
        return sum(cotangent.node.operands, before)
    }

    mutating func run() {
        for node in order.reversed() where active.contains(ObjectIdentifier(node)) {
            let results = node.results
            let incoming = results.map { cotangents[TensorIdentity($0)] }
            guard incoming.contains(where: { $0 != nil }) else { continue }
            for (source, cotangent) in zip(BackwardPass.sources(of: node), outgoing(node, results, incoming)) {
                if let cotangent { accumulate(cotangent, to: source) }
            }
            for result in results where !variables.contains(TensorIdentity(result)) {
                cotangents[TensorIdentity(result)] = nil
            }
        }
    }

    private func outgoing(_ node: Node, _ results: [Tensor], _ incoming: [Tensor?]) -> [Tensor?] {
        switch node.kind {
        case .argument: return []
        case .composite(let composite):
            return composite.pullback?(node.operands, results, incoming) ?? incoming
        case .operation(let operation as any DifferentiableOperation):
            return operation.pullback(node.operands, results, incoming)
        case .operation(let operation):
            stopTracing("\(operation.mnemonic) has no derivative", file, line)
        case .loop:
            stopTracing("a loop has no derivative; give the composite around it one", file, line)
        }
    }
}

/// Nodes that `roots` depend on, each after those it reads, without recursion.
func topologicalOrder(of roots: [Tensor], _ dependencies: (Node) -> [Tensor]) -> [Node] {
    var order: [Node] = []
    var visited: Set<ObjectIdentifier> = []
    var stack: [(node: Node, pending: [Node])] = []
    func push(_ node: Node) {
        if visited.insert(ObjectIdentifier(node)).inserted {
            stack.append((node, dependencies(node).map(\.node).reversed()))
        }
    }
    for root in roots {
        push(root.node)
        while let top = stack.last {
            if let next = top.pending.last {
                stack[stack.count - 1].pending.removeLast()
                push(next)
            } else {
                order.append(top.node)
                stack.removeLast()
            }
        }
    }
    return order
}

extension RandomBits: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] { [nil] }
}

extension BitcastConvert: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] { [nil] }
}

extension Constant: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] { [] }
}

extension Iota: DifferentiableOperation {
    func pullback(_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?] { [] }
}
