import Formats
import Testing

@Suite struct ChecksumTests {
    private let digits = Array("123456789".utf8)

    @Test func knownValues() {
        #expect(CRC32.checksum(digits) == 0xCBF4_3926)
        #expect(CRC32C.checksum(digits) == 0xE306_9283)
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32.checksum([]) == 0)
    }

    @Test func masking() {
        let value = CRC32C.checksum(digits)
        let mask = CRC32C.maskedChecksum(digits) &- 0xA282_EAD8
        #expect(mask << 15 | mask >> 17 == value)
    }

    @Test func longInputsAgreeWithTheDefinition() {
        var generator = SeededGenerator(seed: 3)
        for count in 0..<40 {
            let bytes = generator.bytes(count)
            let expected = ~bytes.reduce(~UInt32(0)) { value, byte in
                (0..<8).reduce(value ^ UInt32(byte)) { value, _ in
                    value >> 1 ^ (value & 1 == 0 ? 0 : 0xEDB8_8320)
                }
            }
            #expect(CRC32.checksum(bytes) == expected)
            #expect(CRC32.checksum(AnySequence(bytes)) == expected)
        }
    }
}
