/// A constant known at trace time: one value everywhere, or every element given.
package struct Constant: Operation {
    /// What its elements are.
    package enum Payload: Sendable, Hashable {
        /// All the same number.
        case splat(Double)
        /// All the same integer, exact beyond 2^53.
        case splatInteger(Int)
        /// Little-endian bytes of every element, row-major.
        case bytes([UInt8])
    }

    /// Shape and element type.
    package let type: TensorType
    /// What its elements are.
    package let payload: Payload

    /// - Parameters:
    ///   - payload: one value for all elements, or one each in row-major order
    ///   - type: shape and element type
    package init(_ payload: Payload, _ type: TensorType) {
        self.payload = payload
        self.type = type
    }

    package var mnemonic: String { "constant" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(0, of: operands)
        if case .bytes(let bytes) = payload, bytes.count != type.byteCount {
            throw failure([type], "has \(bytes.count) bytes for \(type.byteCount)")
        }
        return [type]
    }

    package func text(_ context: TextContext) -> String {
        let literal: String
        switch payload {
        case .splat(let value): literal = splatText(value)
        case .splatInteger(let value):
            literal =
                type.elementType.isFloatingPoint
                ? splatText(Double(value)) : type.elementType == .bool ? (value == 0 ? "false" : "true") : "\(value)"
        case .bytes(let bytes):
            literal =
                "\"0x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined() + "\""
        }
        let dense = type.elementCount == 0 ? "dense<>" : "dense<\(literal)>"
        return "stablehlo.constant \(dense) : \(type)"
    }

    /// MLIR wants a decimal point before an exponent, and infinities and NaN as bits.
    private func splatText(_ value: Double) -> String {
        guard type.elementType.isFloatingPoint else { return "\(Int(value))" }
        guard value.isFinite else { return nonFiniteBits(value) }
        let text = "\(value)"
        guard let exponent = text.firstIndex(of: "e"), !text[..<exponent].contains(".") else { return text }
        return text[..<exponent] + ".0" + text[exponent...]
    }

    private func nonFiniteBits(_ value: Double) -> String {
        let negative = value.sign == .minus
        switch type.elementType {
        case .float64:
            return value.isNaN ? "0x7FF8000000000000" : negative ? "0xFFF0000000000000" : "0x7FF0000000000000"
        case .float16: return value.isNaN ? "0x7E00" : negative ? "0xFC00" : "0x7C00"
        case .bfloat16: return value.isNaN ? "0x7FC0" : negative ? "0xFF80" : "0x7F80"
        default: return value.isNaN ? "0x7FC00000" : negative ? "0xFF800000" : "0x7F800000"
        }
    }
}

/// Counts 0, 1, 2, ... along one dimension.
package struct Iota: Operation {
    /// Shape and element type of the result.
    package let type: TensorType
    /// Along which values count from 0; they are the same along all others.
    package let dimension: Int

    /// - Parameters:
    ///   - type: shape and element type of the result
    ///   - dimension: along which values count
    package init(_ type: TensorType, dimension: Int) {
        self.type = type
        self.dimension = dimension
    }

    package var mnemonic: String { "iota" }

    package func resultTypes(for operands: [TensorType]) throws(ShapeError) -> [TensorType] {
        try expect(0, of: operands)
        guard type.shape.indices.contains(dimension), type.elementType != .bool else {
            throw failure([type], "has no numeric dimension \(dimension)")
        }
        return [type]
    }

    package func text(_ context: TextContext) -> String {
        genericText(context, attributes: ["iota_dimension = \(dimension) : i64"])
    }
}
