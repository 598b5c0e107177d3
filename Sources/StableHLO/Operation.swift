/// One StableHLO operation with its attributes: a shape rule and a spelling.
///
/// An operation is a value without operands; an ``Instruction`` applies it. Every operation is pure, so two
/// instructions with equal text compute equal results.
package protocol Operation: Sendable {
    /// The name as StableHLO spells it, without the dialect prefix.
    var mnemonic: String { get }

    /// Types of the results for operands of the given types; the shape rule.
    func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType]

    /// The right-hand side of the instruction, from the operation's name to its types.
    func text(_ context: TextContext) -> String
}

/// What an operation needs to know to spell one of its instructions.
package struct TextContext: Sendable {
    /// Operand names, such as `%3`.
    package let operands: [String]
    /// Types of the operands, in their order.
    package let operandTypes: [TensorType]
    /// Types of the results, in their order.
    package let resultTypes: [TensorType]
    /// How products and convolutions are to be computed.
    package let precision: MatrixPrecision

    /// - Parameters:
    ///   - operands: the values' names in the text
    ///   - operandTypes: in their order
    ///   - resultTypes: in their order
    ///   - precision: of products and convolutions
    package init(
        operands: [String], operandTypes: [TensorType], resultTypes: [TensorType], precision: MatrixPrecision
    ) {
        self.operands = operands
        self.operandTypes = operandTypes
        self.resultTypes = resultTypes
        self.precision = precision
    }

    /// `%0, %1`
    package var operandList: String { operands.joined(separator: ", ") }

    /// `(tensor<2xf32>, tensor<f32>) -> tensor<2xf32>`, with several results in parentheses.
    package var signature: String {
        let arguments = operandTypes.map(\.description).joined(separator: ", ")
        let results = resultTypes.map(\.description).joined(separator: ", ")
        return "(\(arguments)) -> " + (resultTypes.count == 1 ? results : "(\(results))")
    }
}

/// How exactly float32 matrix products and convolutions are computed.
public enum MatrixPrecision: String, Codable, Sendable, CaseIterable {
    /// Full float32.
    case float32 = "fp32"
    /// Whatever the platform is fastest with at float32's range; TF32 on NVIDIA GPUs.
    case tensorFloat32 = "tf32"
    /// Operands rounded to bfloat16, sums in float32; everything else stays float32.
    case bfloat16 = "bf16"

    /// StableHLO's name of the precision of an operation's operands.
    var operandPrecision: String { self == .float32 ? "HIGHEST" : "DEFAULT" }
}

/// A matrix product or convolution: what ``MatrixPrecision`` is about.
package protocol MatrixOperation: Operation {
    /// The element type that the result of bfloat16 operands, summed in float32, is written as.
    var resultOfBFloat16: ElementType { get }

    /// Multiplications and additions, those with the zeros of a padding or dilation left out where they are many.
    func arithmetic(_ operands: [TensorType], _ result: TensorType) -> Double
}

extension Operation {
    /// `operation %a, %b : (types) -> type` with optional attributes: the spelling most operations share.
    func genericText(_ context: TextContext, attributes: [String] = []) -> String {
        let list = attributes.isEmpty ? "" : " {" + attributes.joined(separator: ", ") + "}"
        return "\"stablehlo.\(mnemonic)\"(\(context.operandList))\(list) : \(context.signature)"
    }

    /// Throws unless exactly `count` operands were given.
    func expect(_ count: Int, of operands: [TensorType]) throws(ShapeError) {
        guard operands.count == count else {
            throw ShapeError(mnemonic, operands, "takes \(count) operands, not \(operands.count)")
        }
    }

    func failure(_ operands: [TensorType], _ reason: String) -> ShapeError {
        ShapeError(mnemonic, operands, reason)
    }
}

/// `array<i64: 1, 2>`, MLIR's spelling of a list of integers.
func integerArray(_ values: [Int]) -> String {
    values.isEmpty ? "array<i64>" : "array<i64: " + values.map(String.init).joined(separator: ", ") + ">"
}
