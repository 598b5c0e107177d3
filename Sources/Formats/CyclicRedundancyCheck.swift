import CChecksums

/// The CRC-32 of ISO 3309 that PNG and gzip use.
package enum CRC32 {
    private static let code = CyclicRedundancyCheck(reversedPolynomial: 0xEDB8_8320)

    /// The checksum of `bytes`, or of bytes whose checksum is `earlier` and these after them.
    package static func checksum(_ bytes: some Sequence<UInt8>, after earlier: UInt32 = 0) -> UInt32 {
        code.checksum(bytes, after: earlier)
    }
}

/// The CRC-32C (Castagnoli; RFC 3720, appendix B.4) of bytes that come piece by piece. TFRecord files, and so
/// TensorBoard's event files, use it, and this program's own files.
package struct CRC32C: Sendable {
    private static let code = CyclicRedundancyCheck(reversedPolynomial: 0x82F6_3B78)

    /// The checksum of the bytes so far.
    package private(set) var value: UInt32 = 0

    package init() {}

    /// Goes on with these bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        if !checksums_crc32c(&value, start, bytes.count) { value = Self.code.checksum(bytes, after: value) }
    }

    /// The checksum of `bytes`.
    package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var checksum = CRC32C()
        let isContiguous: Void? = bytes.withContiguousStorageIfAvailable {
            checksum.update(UnsafeRawBufferPointer($0))
        }
        if isContiguous == nil { Array(bytes).withUnsafeBytes { checksum.update($0) } }
        return checksum.value
    }

    /// The checksum of `bytes` as TFRecord stores it: rotated right by 15 bits, plus a constant.
    package static func maskedChecksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let value = checksum(bytes)
        return (value >> 15 | value << 17) &+ 0xA282_EAD8
    }
}

extension UInt32 {
    /// Eight hexadecimal digits, as checksums are written in files of text.
    package var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Of eight hexadecimal digits.
    init?(hexadecimal text: some StringProtocol) {
        guard text.utf8.count == 8, text.allSatisfy({ $0.isHexDigit && !$0.isUppercase }),
            let value = UInt32(text, radix: 16)
        else { return nil }
        self = value
    }
}

/// A 32-bit cyclic redundancy check in reversed bit order, eight bytes a step.
struct CyclicRedundancyCheck: Sendable {
    /// Eight tables of 256: table k holds the remainders of a byte that k more bytes follow.
    private let tables: [UInt32]

    init(reversedPolynomial: UInt32) {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            tables[byte] = (0..<8).reduce(UInt32(byte)) { value, _ in
                value >> 1 ^ (value & 1 == 0 ? 0 : reversedPolynomial)
            }
        }
        for index in 256..<tables.count {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 0xFF)]
        }
        self.tables = tables
    }

    func checksum(_ bytes: some Sequence<UInt8>, after earlier: UInt32 = 0) -> UInt32 {
        let contiguous = bytes.withContiguousStorageIfAvailable { checksum(UnsafeRawBufferPointer($0), after: earlier) }
        return contiguous ?? Array(bytes).withUnsafeBytes { checksum($0, after: earlier) }
    }

    /// - Parameter earlier: the checksum of the bytes that came before
    func checksum(_ bytes: UnsafeRawBufferPointer, after earlier: UInt32) -> UInt32 {
        tables.withUnsafeBufferPointer { table in
            var value = ~earlier
            var position = 0
            while position + 8 <= bytes.count {
                let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self) ^ UInt64(value)
                value = 0
                for k in 0..<8 {
                    value ^= table[(7 - k) * 256 + Int(truncatingIfNeeded: word >> UInt64(8 * k)) & 0xFF]
                }
                position += 8
            }
            while position < bytes.count {
                value = value >> 8 ^ table[Int(truncatingIfNeeded: value ^ UInt32(bytes[position])) & 0xFF]
                position += 1
            }
            return ~value
        }
    }
}
