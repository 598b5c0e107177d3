public import Tensors

/// What a module needs while a call of it is traced: its parameters' values and whether it is being trained.
///
/// It also collects the new values of state, such as batch statistics, that the call computes.
public final class Context {
    /// What a network is called for.
    public enum Mode: Sendable {
        /// Statistics are those of the batch, and are kept.
        case training
        /// Statistics are those that were kept; no image depends on another.
        case evaluation
    }

    /// What the network is called for.
    public let mode: Mode
    private let tree: ParameterTree
    private let values: [Tensor]
    private var updates: [Int: Tensor] = [:]
    private var used: Set<Int> = []

    /// - Parameters:
    ///   - tree: of the module
    ///   - values: one tensor for each entry of the tree, in its order.
    ///   - mode: what the network is called for
    public init(_ tree: ParameterTree, values: [Tensor], mode: Mode) {
        precondition(values.count == tree.entries.count, "one value for each of \(tree.entries.count) parameters")
        self.tree = tree
        self.values = values
        self.mode = mode
    }

    /// The value of a parameter. Stops where the parameter cannot be reached from the module the tree was made of.
    public subscript(_ parameter: Parameter) -> Tensor {
        let index = index(of: parameter)
        used.insert(index)
        return values[index]
    }

    /// Records the value that a state parameter has after this call.
    public func update(_ parameter: Parameter, to value: Tensor) {
        let index = index(of: parameter)
        precondition(!parameter.isTrainable, "\(tree.entries[index].name) is trained, not updated by a call")
        updates[index] = value
    }

    /// All values after the call: updated state, everything else as it was.
    public var valuesAfterCall: [Tensor] { values.indices.map { updates[$0] ?? values[$0] } }

    /// Names of trained parameters that no layer read.
    public var unusedParameters: [String] {
        tree.entries.indices.filter { tree.entries[$0].parameter.isTrainable && !used.contains($0) }
            .map { tree.entries[$0].name }
    }

    private func index(of parameter: Parameter) -> Int {
        guard let index = tree.index(of: parameter) else {
            preconditionFailure(
                "a parameter of type \(parameter.type) is used but not reachable from the module's properties")
        }
        return index
    }
}
