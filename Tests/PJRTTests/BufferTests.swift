import PJRT
import Testing

extension PluginTests {
    @Suite struct BufferTests {
        @Test(arguments: ElementType.allCases) func everyElementTypeSurvivesTheRoundTrip(type: ElementType) throws {
            try withClient { client in
                // Booleans are stored as 0 or 1; every other type takes any bytes.
                let bytes = (0..<(6 * type.byteCount)).map { type == .bool ? UInt8($0 % 2) : UInt8(17 * $0 % 64) }
                let shape = ArrayShape(type, [2, 3])
                let buffer = try Buffer(bytes, shape: shape, on: client.devices[0])
                #expect(buffer.shape == shape)
                #expect(buffer.byteCount == bytes.count)
                #expect(try buffer.bytes() == bytes)

                let name = try #require(Self.stablehloNames[type])
                let identity = try client.compile(
                    """
                    module { func.func public @main(%x: tensor<2x3x\(name)>) -> tensor<3x2x\(name)> {
                      %y = stablehlo.transpose %x, dims = [1, 0] : (tensor<2x3x\(name)>) -> tensor<3x2x\(name)>
                      return %y : tensor<3x2x\(name)>
                    } }
                    """)
                #expect(identity.outputs == [ArrayShape(type, [3, 2])])
                let result = try identity.execute([buffer])[0]
                let transposed = [0, 3, 1, 4, 2, 5].flatMap { bytes[($0 * type.byteCount)...].prefix(type.byteCount) }
                #expect(result.shape == ArrayShape(type, [3, 2]))
                #expect(try result.bytes() == transposed, "results come back row-major")
            }
        }

        private static let stablehloNames: [ElementType: String] = [
            .float32: "f32", .float64: "f64", .float16: "f16", .bfloat16: "bf16", .int32: "i32", .int64: "i64",
            .int8: "i8", .int16: "i16", .uint8: "ui8", .uint16: "ui16", .uint32: "ui32", .uint64: "ui64", .bool: "i1",
        ]

        @Test func scalarsAndEmptyArraysAreArrays() throws {
            try withClient { client in
                let scalar = try Buffer([2.5] as [Double], shape: ArrayShape(.float64, []), on: client.devices[0])
                #expect(try scalar.values(as: Double.self) == [2.5])
                let empty = try Buffer([] as [Float], shape: ArrayShape(.float32, [0, 3]), on: client.devices[0])
                #expect(empty.byteCount == 0)
                #expect(try empty.bytes().isEmpty)
            }
        }

        @Test func theHostMemoryMayChangeAfterwards() throws {
            try withClient { client in
                var values = [Float](repeating: 1, count: 4096)
                let buffer = try client.array(values)
                values[0] = 2
                #expect(try buffer.values(as: Float.self) == [Float](repeating: 1, count: 4096))
            }
        }

        @Test func bytesAndShapeMustAgree() throws {
            try withClient { client in
                let device = client.devices[0]
                let shape = ArrayShape(.float32, [3])
                #expect(throws: PJRTError.byteCountMismatch(expected: 12, actual: 8, shape: shape)) {
                    try Buffer([1, 2] as [Float], shape: shape, on: device)
                }
                #expect(throws: PJRTError.invalidDimensions([-1, 2])) {
                    try Buffer([] as [Float], shape: ArrayShape(.float32, [-1, 2]), on: device)
                }
                #expect(throws: PJRTError.invalidDimensions([.max, 2])) {
                    try Buffer([] as [Float], shape: ArrayShape(.float32, [.max, 2]), on: device)
                }
                let buffer = try client.array([1, 2, 3])
                var small = [Float](repeating: 0, count: 2)
                #expect(throws: PJRTError.byteCountMismatch(expected: 12, actual: 8, shape: shape)) {
                    try small.withUnsafeMutableBytes { try buffer.copyToHost(into: $0) }
                }
            }
        }
    }
}
