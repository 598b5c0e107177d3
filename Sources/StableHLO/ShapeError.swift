/// A violated shape rule: the operation, the types it was given, and what the rule asks for.
package struct ShapeError: Error, Equatable, CustomStringConvertible {
    /// The operation's name.
    package let operation: String
    /// Types of its operands.
    package let operands: [TensorType]
    /// What does not fit, as a clause.
    package let reason: String

    /// - Parameters:
    ///   - operation: its name
    ///   - operands: their types
    ///   - reason: what does not fit, as a clause
    package init(_ operation: String, _ operands: [TensorType], _ reason: String) {
        self.operation = operation
        self.operands = operands
        self.reason = reason
    }

    package var description: String {
        "\(operation)(\(operands.map(\.description).joined(separator: ", "))): \(reason)"
    }
}
