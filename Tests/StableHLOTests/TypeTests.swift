import StableHLO
import Testing

@Suite("Element and tensor types")
struct TypeTests {
    @Test("Every element type has the spelling that names its kind and width", arguments: ElementType.allCases)
    func spellings(type: ElementType) {
        let kind = type == .bfloat16 ? "bf" : type.isFloatingPoint ? "f" : "\(type)".hasPrefix("u") ? "ui" : "i"
        let width = type == .bool ? 1 : 8 * type.byteCount
        #expect(TensorType([], type).description == "tensor<\(kind)\(width)>")
    }

    @Test("A type counts its elements and spells itself")
    func spelling() {
        let type = TensorType([64, 3], .float64)
        #expect(type.description == "tensor<64x3xf64>")
        #expect((type.rank, type.elementCount, type.byteCount) == (2, 192, 1536))
        #expect(TensorType([], .bool).description == "tensor<i1>")
        #expect(TensorType([]).elementCount == 1)
        #expect(TensorType([3, 0]).byteCount == 0)
        #expect(type.with(.uint8) == TensorType([64, 3], .uint8))
        #expect(type.with(shape: [192]) == TensorType([192], .float64))
    }

    @Test("A shape error names operation, operands and rule")
    func shapeError() {
        let error = ShapeError("add", [f32(2), i32(3)], "takes two tensors of one shape")
        #expect(error.description == "add(tensor<2xf32>, tensor<3xi32>): takes two tensors of one shape")
    }
}
