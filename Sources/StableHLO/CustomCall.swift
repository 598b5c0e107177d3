/// A call of native code registered with the plugin through XLA's foreign function interface.
///
/// Operands and results are row-major in memory: the compiler, free to choose otherwise, is told so.
package struct CustomCall: Operation {
    /// A scalar handed to the native code with the call.
    package enum Attribute: Hashable, Sendable {
        /// A 64-bit integer.
        case integer(Int)
        /// A 32-bit number.
        case float(Float)

        var text: String {
            switch self {
            case .integer(let value): "\(value) : i64"
            case .float(let value): "0x\(String(value.bitPattern, radix: 16, uppercase: true)) : f32"
            }
        }
    }

    /// The name that a handler is registered under.
    package let target: String
    /// What the handler is told, by name.
    package let attributes: [String: Attribute]
    /// Shapes and element types of the results.
    package let results: [TensorType]
    /// Results written into the memory of an operand: result index to operand index.
    package let aliases: [Int: Int]

    /// - Parameters:
    ///   - target: the name that a handler is registered under
    ///   - attributes: what it is told
    ///   - results: their types
    ///   - aliases: results that are computed in the place of an operand
    package init(
        _ target: String, attributes: [String: Attribute], results: [TensorType], aliases: [Int: Int] = [:]
    ) {
        self.target = target
        self.attributes = attributes
        self.results = results
        self.aliases = aliases
    }

    package var mnemonic: String { "custom_call" }

    private static let targetAttribute = "call_target_name = "

    /// The target that an instruction calls, nil where it is no call.
    static func target(in text: String) -> String? {
        // Most instructions are no calls, and their text is long.
        guard text.hasPrefix("\"stablehlo.custom_call\""), let attribute = text.firstRange(of: targetAttribute) else {
            return nil
        }
        return text[attribute.upperBound...].split(separator: "\"", maxSplits: 1).first.map(String.init)
    }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        for (result, operand) in aliases
        where !results.indices.contains(result) || !operands.indices.contains(operand)
            || results[result] != operands[operand]
        { throw failure(operands, "cannot write result \(result) over operand \(operand)") }
        return results
    }

    package func text(_ context: TextContext) -> String {
        let configuration = attributes.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value.text)" }
        var list = [
            "\(CustomCall.targetAttribute)\"\(target)\"", "api_version = 4 : i32",
            "backend_config = {\(configuration.joined(separator: ", "))}",
            "operand_layouts = \(rowMajor(context.operandTypes))", "result_layouts = \(rowMajor(results))",
        ]
        if !aliases.isEmpty {
            let entries = aliases.sorted { $0.key < $1.key }.map { result, operand in
                let indices = results.count == 1 ? "[]" : "[\(result)]"
                return "#stablehlo.output_operand_alias<output_tuple_indices = \(indices), "
                    + "operand_index = \(operand), operand_tuple_indices = []>"
            }
            list.append("output_operand_aliases = [\(entries.joined(separator: ", "))]")
        }
        return genericText(context, attributes: list)
    }

    /// For each tensor its dimensions, the one whose elements lie side by side first.
    private func rowMajor(_ types: [TensorType]) -> String {
        let layouts = types.map { type in
            let order = type.shape.indices.reversed().map(String.init).joined(separator: ", ")
            return "dense<[\(order)]> : tensor<\(type.shape.count)xindex>"
        }
        return "[\(layouts.joined(separator: ", "))]"
    }
}
