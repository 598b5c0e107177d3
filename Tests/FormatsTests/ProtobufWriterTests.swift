import Formats
import Testing

/// Against the examples and rules of the encoding's specification.
@Suite struct ProtobufWriterTests {
    private func bytes(_ write: (inout ProtobufWriter) -> Void) -> [UInt8] {
        var writer = ProtobufWriter()
        write(&writer)
        return writer.bytes
    }

    @Test func integersAreOfVariableLength() {
        #expect(bytes { $0.append(integer: 150, field: 1) } == [0x08, 0x96, 0x01])
        #expect(bytes { $0.append(integer: 0, field: 16) } == [0x80, 0x01, 0])
        #expect(bytes { $0.append(integer: -1, field: 1) } == [0x08] + [UInt8](repeating: 0xFF, count: 9) + [1])
    }

    @Test func numbersAreLittleEndian() {
        #expect(bytes { $0.append(double: 1, field: 2) } == [0x11, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
        #expect(bytes { $0.append(float: -2, field: 2) } == [0x15, 0, 0, 0, 0xC0])
    }

    @Test func otherPayloadsArePrefixedByTheirLength() {
        #expect(bytes { $0.append(string: "testing", field: 2) } == [0x12, 7] + Array("testing".utf8))
        let message = bytes { writer in
            var inner = ProtobufWriter()
            inner.append(integer: 150, field: 1)
            writer.append(message: inner, field: 3)
        }
        #expect(message == [0x1A, 3, 0x08, 0x96, 0x01])
        #expect(
            bytes { $0.append(packedIntegers: [3, 270, 86942], field: 6) }
                == [0x32, 6, 0x03, 0x8E, 0x02, 0x9E, 0xA7, 0x05])
        let long = bytes { $0.append(string: String(repeating: "x", count: 200), field: 1) }
        #expect(Array(long.prefix(3)) == [0x0A, 0xC8, 0x01] && long.count == 203)
    }
}
