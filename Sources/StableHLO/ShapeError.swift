/// A violated shape rule: the operation, the types it was given, and what the rule asks for.
public struct ShapeError: Error, Equatable, CustomStringConvertible {
    public let operation: String
    public let operands: [TensorType]
    public let reason: String

    public init(_ operation: String, _ operands: [TensorType], _ reason: String) {
        self.operation = operation
        self.operands = operands
        self.reason = reason
    }

    public var description: String {
        "\(operation)(\(operands.map(\.description).joined(separator: ", "))): \(reason)"
    }
}
