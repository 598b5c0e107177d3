package import StableHLO

/// An operation made of others that a platform may also run natively.
///
/// Declared once: its decomposition into primitive operations, optionally a derivative of its own, and the name of the
/// native kernel. Where the platform has the kernel, the program calls it; elsewhere the decomposition is inlined.
/// The kernel must compute the same results in the same order, to rounding.
public struct Composite: Sendable {
    /// Cotangents of the operands, given operands, results and cotangents of the results.
    public typealias Pullback =
        @Sendable (_ operands: [Tensor], _ results: [Tensor], _ cotangents: [Tensor?]) -> [Tensor?]
    /// The composite's only result plus a tensor of its shape.
    package typealias Sum = @Sendable (_ operands: [Tensor], _ addend: Tensor) -> Tensor

    /// The native kernel's name.
    package let name: String
    /// What a native kernel is told beside its operands.
    package let attributes: [String: CustomCall.Attribute]
    /// Results that a kernel writes over an operand: result index to operand index.
    package let aliases: [Int: Int]
    /// The same results by primitive operations.
    let decomposed: [Tensor]
    let pullback: Pullback?
    let sum: Sum?

    /// Applies an operation that is made of others and may have a derivative of its own.
    ///
    /// - Parameters:
    ///   - name: of the operation
    ///   - operands: tensors of any types
    ///   - pullback: the derivative; without one, the decomposition is differentiated
    ///   - decomposition: the results by other operations
    public static func apply(
        _ name: String, to operands: [Tensor], pullback: Pullback? = nil, decomposition: ([Tensor]) -> [Tensor]
    ) -> [Tensor] {
        apply(name, to: operands, attributes: [:], pullback: pullback, decomposition: decomposition)
    }

    /// Applies a composite to operands.
    ///
    /// - Parameters:
    ///   - name: of the native kernel
    ///   - operands: tensors of any types
    ///   - attributes: what a native kernel is told beside its operands
    ///   - aliases: results that a kernel writes over an operand
    ///   - pullback: the derivative; without one, the decomposition is differentiated.
    ///   - sum: how to compute the result plus a tensor at once. Differentiation uses it where it adds up cotangents.
    ///   - decomposition: the results by primitive operations.
    package static func apply(
        _ name: String, to operands: [Tensor], attributes: [String: CustomCall.Attribute] = [:],
        aliases: [Int: Int] = [:], pullback: Pullback? = nil, sum: Sum? = nil, decomposition: ([Tensor]) -> [Tensor]
    ) -> [Tensor] {
        let decomposed = decomposition(operands)
        let composite = Composite(
            name: name, attributes: attributes, aliases: aliases, decomposed: decomposed, pullback: pullback, sum: sum)
        return Node(.composite(composite), operands: operands, resultTypes: decomposed.map(\.type)).results
    }

    /// Whether a matrix product or convolution is part of the decomposition.
    func holdsProducts(of operands: [Tensor]) -> Bool {
        let given = Set(operands.map { ObjectIdentifier($0.node) })
        return containsProduct(decomposed) { given.contains(ObjectIdentifier($0)) }
    }

    /// The call that replaces the decomposition on a platform with the kernel, which is told further attributes.
    func call(attributes further: [String: CustomCall.Attribute] = [:]) -> CustomCall {
        CustomCall(
            name, attributes: attributes.merging(further) { own, _ in own }, results: decomposed.map(\.type),
            aliases: aliases)
    }
}

/// Whether any node that `results` depend on, down to those that `isGiven`, multiplies matrices or convolves.
private func containsProduct(_ results: [Tensor], isGiven: (Node) -> Bool) -> Bool {
    let nodes = topologicalOrder(of: results) { node in
        if isGiven(node) { return [] }
        if case .composite(let composite) = node.kind { return composite.decomposed }
        return node.operands
    }
    return nodes.contains { node in
        if isGiven(node) { return false }
        switch node.kind {
        case .operation(let operation): return operation is any MatrixOperation
        case .loop(let loop): return containsProduct([loop.condition] + loop.body, isGiven: isGiven)
        case .argument, .composite: return false
        }
    }
}
