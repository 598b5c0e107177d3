import Basis
import Testing

@Suite("Element types")
struct ElementTypeTests {
    @Test(
        "Widths and kinds",
        arguments: [
            (.float16, 2, true), (.bfloat16, 2, true), (.float32, 4, true), (.float64, 8, true), (.int8, 1, false),
            (.int16, 2, false), (.int32, 4, false), (.int64, 8, false), (.uint8, 1, false), (.uint16, 2, false),
            (.uint32, 4, false), (.uint64, 8, false), (.bool, 1, false),
        ] as [(ElementType, Int, Bool)])
    func widths(type: ElementType, bytes: Int, isFloatingPoint: Bool) {
        #expect(type.byteCount == bytes)
        #expect(type.isFloatingPoint == isFloatingPoint)
        #expect(type.isInteger == (!isFloatingPoint && type != .bool))
    }
}
