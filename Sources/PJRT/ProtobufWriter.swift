/// Writes the protocol-buffer wire format: tagged fields, variable-length integers, length-prefixed messages.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    private enum Wire: UInt64 {
        case variableLength = 0
        case eightBytes = 1
        case lengthPrefixed = 2
    }

    mutating func integer(_ value: Int64, field: UInt64) {
        tag(field, .variableLength)
        variableLength(UInt64(bitPattern: value))
    }

    mutating func double(_ value: Double, field: UInt64) {
        tag(field, .eightBytes)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func string(_ value: String, field: UInt64) { lengthPrefixed(Array(value.utf8), field: field) }

    mutating func message(_ value: ProtobufWriter, field: UInt64) { lengthPrefixed(value.bytes, field: field) }

    mutating func packedIntegers(_ values: [Int64], field: UInt64) {
        var packed = ProtobufWriter()
        for value in values { packed.variableLength(UInt64(bitPattern: value)) }
        lengthPrefixed(packed.bytes, field: field)
    }

    private mutating func lengthPrefixed(_ payload: [UInt8], field: UInt64) {
        tag(field, .lengthPrefixed)
        variableLength(UInt64(payload.count))
        bytes.append(contentsOf: payload)
    }

    private mutating func tag(_ field: UInt64, _ wire: Wire) { variableLength(field << 3 | wire.rawValue) }

    private mutating func variableLength(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
