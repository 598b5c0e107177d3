import StableHLO
import Testing

/// Operand types of an operation and what its shape rule says to them.
struct ShapeRuleCase: Sendable, CustomTestStringConvertible {
    let operation: any StableHLO.Operation
    let operands: [TensorType]
    let expected: Expectation

    enum Expectation: Sendable {
        case types([TensorType])
        /// A part of the reason of a ``ShapeError``.
        case failure(String)
    }

    static func allowed(
        _ operation: any StableHLO.Operation, _ operands: TensorType..., gives types: TensorType...
    ) -> ShapeRuleCase {
        ShapeRuleCase(operation: operation, operands: operands, expected: .types(types))
    }

    static func refused(
        _ operation: any StableHLO.Operation, _ operands: TensorType..., because reason: String
    ) -> ShapeRuleCase {
        ShapeRuleCase(operation: operation, operands: operands, expected: .failure(reason))
    }

    var testDescription: String { "\(operation.mnemonic)(\(operands.map(\.description).joined(separator: ", ")))" }

    func check() throws {
        switch expected {
        case .types(let types): #expect(try operation.resultTypes(for: operands) == types)
        case .failure(let reason):
            let error = try #require(throws: ShapeError.self) { try operation.resultTypes(for: operands) }
            #expect(error.operation == operation.mnemonic)
            #expect(error.operands == operands)
            #expect(error.reason.contains(reason), "the reason is '\(error.reason)'")
            for operand in operands { #expect("\(error)".contains("\(operand)")) }
        }
    }
}

func f32(_ shape: Int...) -> TensorType { TensorType(shape) }
func i32(_ shape: Int...) -> TensorType { TensorType(shape, .int32) }
func bool(_ shape: Int...) -> TensorType { TensorType(shape, .bool) }
