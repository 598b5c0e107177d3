/// A field of a message in the wire format of Protocol Buffers.
struct ProtobufField {
    let number: UInt64
    /// The value of a variable-length integer.
    var integer: UInt64 = 0
    /// What a length prefix announced.
    var bytes: ArraySlice<UInt8> = []

    /// The fields of a message, in order.
    static func all(of message: ArraySlice<UInt8>) throws(ProtobufError) -> [ProtobufField] {
        var (rest, fields): (ArraySlice<UInt8>, [ProtobufField]) = (message, [])
        while !rest.isEmpty {
            let tag = try variableLength(&rest)
            var field = ProtobufField(number: tag >> 3)
            switch tag & 7 {
            case 0: field.integer = try variableLength(&rest)
            case 1: _ = try take(8, of: &rest)
            case 2: field.bytes = try take(variableLength(&rest), of: &rest)
            case 5: _ = try take(4, of: &rest)
            default: throw ProtobufError()
            }
            fields.append(field)
        }
        return fields
    }

    /// The values of a repeated integer: one, or many in one field.
    func integers() throws(ProtobufError) -> [UInt64] {
        if bytes.isEmpty { return [integer] }
        var (rest, values): (ArraySlice<UInt8>, [UInt64]) = (bytes, [])
        while !rest.isEmpty { values.append(try ProtobufField.variableLength(&rest)) }
        return values
    }

    private static func variableLength(_ bytes: inout ArraySlice<UInt8>) throws(ProtobufError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = bytes.popFirst() else { throw ProtobufError() }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw ProtobufError()
    }

    private static func take(_ count: UInt64, of bytes: inout ArraySlice<UInt8>) throws(ProtobufError) -> ArraySlice<
        UInt8
    > {
        guard count <= bytes.count else { throw ProtobufError() }
        defer { bytes = bytes.dropFirst(Int(count)) }
        return bytes.prefix(Int(count))
    }
}

/// Bytes are not the message they should be.
struct ProtobufError: Error, CustomStringConvertible {
    let description = "the compiler's own form of the program is not what it should be"
}
