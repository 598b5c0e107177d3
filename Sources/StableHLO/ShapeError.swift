/// A violated shape rule: the operation, the types it was given, and what the rule asks for.
public struct ShapeError: Error, Equatable, CustomStringConvertible {
    /// The operation's name.
    public let operation: String
    /// Types of its operands.
    public let operands: [TensorType]
    /// What does not fit, as a clause.
    public let reason: String

    /// - Parameters:
    ///   - operation: its name
    ///   - operands: their types
    ///   - reason: what does not fit, as a clause
    public init(_ operation: String, _ operands: [TensorType], _ reason: String) {
        self.operation = operation
        self.operands = operands
        self.reason = reason
    }

    public var description: String {
        "\(operation)(\(operands.map(\.description).joined(separator: ", "))): \(reason)"
    }
}
