/// Writes a message in the wire format of Protocol Buffers field by field: tags, variable-length integers, numbers of
/// fixed width, length-prefixed bytes.
package struct ProtobufWriter: Sendable {
    /// What has been written.
    package private(set) var bytes: [UInt8] = []

    private enum Wire: UInt64 {
        case variableLength = 0
        case eightBytes = 1
        case lengthPrefixed = 2
        case fourBytes = 5
    }

    package init() {}

    package mutating func append(integer value: Int64, field: UInt64) {
        append(tag: field, .variableLength)
        append(variableLength: UInt64(bitPattern: value))
    }

    package mutating func append(double value: Double, field: UInt64) {
        append(tag: field, .eightBytes)
        bytes.appendLittleEndian(value.bitPattern)
    }

    package mutating func append(float value: Float, field: UInt64) {
        append(tag: field, .fourBytes)
        bytes.appendLittleEndian(value.bitPattern)
    }

    package mutating func append(string value: String, field: UInt64) {
        append(lengthPrefixed: Array(value.utf8), field: field)
    }

    package mutating func append(message: ProtobufWriter, field: UInt64) {
        append(lengthPrefixed: message.bytes, field: field)
    }

    package mutating func append(packedIntegers values: [Int64], field: UInt64) {
        var packed = ProtobufWriter()
        for value in values { packed.append(variableLength: UInt64(bitPattern: value)) }
        append(lengthPrefixed: packed.bytes, field: field)
    }

    private mutating func append(lengthPrefixed payload: [UInt8], field: UInt64) {
        append(tag: field, .lengthPrefixed)
        append(variableLength: UInt64(payload.count))
        bytes += payload
    }

    private mutating func append(tag field: UInt64, _ wire: Wire) { append(variableLength: field << 3 | wire.rawValue) }

    private mutating func append(variableLength value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
