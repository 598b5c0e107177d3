import StableHLO
import Testing

@Suite("Shape rules")
struct ShapeRuleTests {
    @Test("Elementwise operations of one tensor keep its type", arguments: UnaryOperation.allCases)
    func unary(operation: UnaryOperation) throws {
        let float = f32(2, 3)
        switch operation {
        case .not:
            #expect(try operation.resultTypes(for: [bool(2)]) == [bool(2)])
            #expect(try operation.resultTypes(for: [i32(2)]) == [i32(2)])
            try ShapeRuleCase.refused(operation, float, because: "integers or booleans").check()
        case .abs, .negate, .sign:
            #expect(try operation.resultTypes(for: [float]) == [float])
            #expect(try operation.resultTypes(for: [i32(2)]) == [i32(2)])
            try ShapeRuleCase.refused(operation, bool(2), because: "numbers").check()
        case .isFinite:
            #expect(try operation.resultTypes(for: [float]) == [bool(2, 3)])
            try ShapeRuleCase.refused(operation, i32(2), because: "floating-point").check()
        default:
            #expect(try operation.resultTypes(for: [float]) == [float])
            try ShapeRuleCase.refused(operation, i32(2), because: "floating-point").check()
            try ShapeRuleCase.refused(operation, bool(2), because: "floating-point").check()
        }
        try ShapeRuleCase.refused(operation, float, float, because: "takes 1 operands, not 2").check()
    }

    @Test("Elementwise operations of two tensors take equal types", arguments: BinaryOperation.allCases)
    func binary(operation: BinaryOperation) throws {
        let integers = i32(2, 3)
        #expect(try operation.resultTypes(for: [integers, integers]) == [integers])
        try ShapeRuleCase.refused(operation, i32(2, 3), i32(3, 2), because: "one shape and element type").check()
        try ShapeRuleCase.refused(operation, i32(2, 3), f32(2, 3), because: "one shape and element type").check()
        try ShapeRuleCase.refused(operation, integers, because: "takes 2 operands, not 1").check()
        switch operation {
        case .and, .or, .xor:
            #expect(try operation.resultTypes(for: [bool(2), bool(2)]) == [bool(2)])
            try ShapeRuleCase.refused(operation, f32(2), f32(2), because: "integers or booleans").check()
        case .shiftLeft, .shiftRightLogical:
            try ShapeRuleCase.refused(operation, f32(2), f32(2), because: "integers").check()
            try ShapeRuleCase.refused(operation, bool(2), bool(2), because: "integers").check()
        default:
            #expect(try operation.resultTypes(for: [f32(2), f32(2)]) == [f32(2)])
            try ShapeRuleCase.refused(operation, bool(2), bool(2), because: "numbers").check()
        }
    }

    @Test("Comparisons give booleans", arguments: ComparisonDirection.allCases)
    func comparison(operation: ComparisonDirection) throws {
        try ShapeRuleCase.allowed(operation, f32(2, 3), f32(2, 3), gives: bool(2, 3)).check()
        try ShapeRuleCase.refused(operation, f32(2), f32(3), because: "one shape and element type").check()
        try ShapeRuleCase.refused(operation, f32(2), i32(2), because: "one shape and element type").check()
        try ShapeRuleCase.refused(operation, f32(2), because: "takes 2 operands").check()
    }

    @Test(
        "Selection, conversion and constants",
        arguments: [
            ShapeRuleCase.allowed(Select(), bool(2), f32(2), f32(2), gives: f32(2)),
            .refused(Select(), f32(2), f32(2), f32(2), because: "boolean condition"),
            .refused(Select(), bool(2), f32(2), f32(3), because: "one shape and element type"),
            .refused(Select(), bool(3), f32(2), f32(2), because: "one shape and element type"),
            .refused(Select(), bool(2), f32(2), because: "takes 3 operands"),
            .allowed(Convert(to: .int64), f32(2, 0), gives: TensorType([2, 0], .int64)),
            .refused(Convert(to: .int64), because: "takes 1 operands"),
            .allowed(BitcastConvert(to: .int32), f32(4), gives: i32(4)),
            .refused(BitcastConvert(to: .int64), f32(4), because: "another width"),
            .refused(BitcastConvert(to: .int32), f32(4), f32(4), because: "takes 1 operands"),
            .allowed(Constant(.splat(1), f32(2, 2)), gives: f32(2, 2)),
            .allowed(Constant(.bytes([0, 0, 0, 0]), f32(1)), gives: f32(1)),
            .refused(Constant(.splat(1), f32(2)), f32(2), because: "takes 0 operands"),
            .allowed(Iota(i32(2, 3), dimension: 1), gives: i32(2, 3)),
            .refused(Iota(i32(2), dimension: 0), i32(2), because: "takes 0 operands"),
        ])
    func selectionAndConversion(example: ShapeRuleCase) throws { try example.check() }

    @Test("A constant's bytes fill its type, an iota has its dimension; the error names the type asked for")
    func constantsThatDoNotFit() throws {
        let constant = try #require(throws: ShapeError.self) {
            try Constant(.bytes([1, 2, 3]), f32(2)).resultTypes(for: [])
        }
        #expect(constant == ShapeError("constant", [f32(2)], "has 3 bytes for 8"))
        for type in [f32(2), bool(2, 2)] {
            let iota = try #require(throws: ShapeError.self) { try Iota(type, dimension: 1).resultTypes(for: []) }
            #expect(iota == ShapeError("iota", [type], "has no numeric dimension 1"))
        }
    }

    @Test(
        "Reshaping",
        arguments: [
            ShapeRuleCase.allowed(Reshape(to: [3, 2]), f32(6), gives: f32(3, 2)),
            .allowed(Reshape(to: []), f32(1, 1), gives: f32()),
            .allowed(Reshape(to: [0, 5]), f32(0), gives: f32(0, 5)),
            .refused(Reshape(to: [4]), f32(6), because: "has 6 elements, which do not fill shape [4]"),
            .refused(Reshape(to: [-2, -3]), f32(6), because: "do not fill shape"),
            .refused(Reshape(to: [6]), because: "takes 1 operands"),
            .allowed(BroadcastInDim(to: [4, 2, 3], dimensions: [1, 2]), f32(2, 3), gives: f32(4, 2, 3)),
            .allowed(BroadcastInDim(to: [4, 3], dimensions: [1, 0]), f32(1, 4), gives: f32(4, 3)),
            .allowed(BroadcastInDim(to: [2], dimensions: []), f32(), gives: f32(2)),
            .refused(BroadcastInDim(to: [4, 3], dimensions: [1]), f32(2), because: "size 2 meets 3"),
            .refused(BroadcastInDim(to: [3], dimensions: [1]), f32(3), because: "cannot map"),
            .refused(BroadcastInDim(to: [3, 3], dimensions: [0, 0]), f32(3, 3), because: "cannot map"),
            .refused(BroadcastInDim(to: [3], dimensions: []), f32(3), because: "cannot map"),
            .refused(BroadcastInDim(to: [-1], dimensions: []), f32(), because: "negative"),
            .refused(BroadcastInDim(to: [3], dimensions: [0]), f32(3), f32(3), because: "takes 1 operands"),
            .allowed(Transpose([2, 0, 1]), f32(2, 3, 4), gives: f32(4, 2, 3)),
            .refused(Transpose([0, 0, 1]), f32(2, 3, 4), because: "cannot be permuted"),
            .refused(Transpose([0, 1]), f32(2, 3, 4), because: "cannot be permuted"),
            .refused(Transpose([0]), because: "takes 1 operands"),
            .allowed(Reverse([1]), f32(2, 3), gives: f32(2, 3)),
            .refused(Reverse([2]), f32(2, 3), because: "cannot be reversed"),
            .refused(Reverse([1, 1]), f32(2, 3), because: "cannot be reversed"),
            .refused(Reverse([0]), because: "takes 1 operands"),
        ])
    func reshaping(example: ShapeRuleCase) throws { try example.check() }

    @Test(
        "Slicing and padding",
        arguments: [
            ShapeRuleCase.allowed(
                Slice(starts: [1, 0], limits: [6, 3], strides: [2, 3]), f32(7, 3), gives: f32(3, 1)),
            .allowed(Slice(starts: [2], limits: [2], strides: [1]), f32(4), gives: f32(0)),
            .refused(Slice(starts: [0], limits: [5], strides: [1]), f32(4), because: "no window"),
            .refused(Slice(starts: [3], limits: [2], strides: [1]), f32(4), because: "no window"),
            .refused(Slice(starts: [-1], limits: [2], strides: [1]), f32(4), because: "no window"),
            .refused(Slice(starts: [0], limits: [2], strides: [0]), f32(4), because: "no window"),
            .refused(Slice(starts: [0], limits: [2], strides: [1]), f32(4, 4), because: "no window"),
            .refused(Slice(starts: [0], limits: [2], strides: [1]), because: "takes 1 operands"),
            .allowed(Pad(low: [1, -1], high: [2, 0], interior: [1, 0]), f32(3, 4), f32(), gives: f32(8, 3)),
            .allowed(Pad(low: [2], high: [0], interior: [3]), f32(0), f32(), gives: f32(2)),
            .refused(Pad(low: [-3], high: [-2], interior: [0]), f32(4), f32(), because: "cropped to [-1]"),
            .refused(Pad(low: [0], high: [0], interior: [-1]), f32(4), f32(), because: "cannot be padded"),
            .refused(Pad(low: [0, 0], high: [0], interior: [0]), f32(4), f32(), because: "cannot be padded"),
            .refused(Pad(low: [0], high: [0], interior: [0]), f32(4), i32(), because: "scalar of the same element"),
            .refused(Pad(low: [0], high: [0], interior: [0]), f32(4), f32(1), because: "scalar of the same element"),
            .refused(Pad(low: [0], high: [0], interior: [0]), f32(4), because: "takes 2 operands"),
            .allowed(Concatenate(dimension: 1), f32(2, 3), f32(2, 0), f32(2, 1), gives: f32(2, 4)),
            .refused(Concatenate(dimension: 2), f32(2, 3), because: "a dimension 2"),
            .refused(Concatenate(dimension: 0), because: "at least one"),
            .refused(Concatenate(dimension: 0), f32(2, 3), f32(2, 4), because: "differ in dimension 0 only"),
            .refused(Concatenate(dimension: 0), f32(2), i32(2), because: "differ in dimension 0 only"),
            .refused(Concatenate(dimension: 0), f32(2), f32(2, 1), because: "one rank"),
            .allowed(DynamicSlice(sizes: [1, 3]), f32(2, 3), i32(), i32(), gives: f32(1, 3)),
            .refused(DynamicSlice(sizes: [1, 3]), f32(2, 3), i32(), because: "one integer scalar a dimension"),
            .refused(DynamicSlice(sizes: [1]), f32(2), f32(), because: "one integer scalar a dimension"),
            .refused(DynamicSlice(sizes: [1]), f32(2), i32(1), because: "one integer scalar a dimension"),
            .refused(DynamicSlice(sizes: [3]), f32(2), i32(), because: "no window of sizes"),
            .refused(DynamicSlice(sizes: [-1]), f32(2), i32(), because: "no window of sizes"),
            .refused(DynamicSlice(sizes: []), because: "one integer scalar a dimension"),
            .allowed(DynamicUpdateSlice(), f32(2, 3), f32(1, 3), i32(), i32(), gives: f32(2, 3)),
            .refused(DynamicUpdateSlice(), f32(2), f32(3), i32(), because: "fits inside"),
            .refused(DynamicUpdateSlice(), f32(2), i32(1), i32(), because: "fits inside"),
            .refused(DynamicUpdateSlice(), f32(2), f32(1, 1), i32(), because: "fits inside"),
            .refused(DynamicUpdateSlice(), f32(2), f32(1), because: "one integer scalar a dimension"),
            .refused(DynamicUpdateSlice(), f32(2), f32(1), f32(), because: "one integer scalar a dimension"),
        ])
    func slicing(example: ShapeRuleCase) throws { try example.check() }

    @Test(
        "Reduction, rows and random bits",
        arguments: [
            ShapeRuleCase.allowed(Reduce(.add, dimensions: [0, 2]), f32(2, 3, 4), f32(), gives: f32(3)),
            .allowed(Reduce(.maximum, dimensions: []), f32(2), f32(), gives: f32(2)),
            .allowed(Reduce(.or, dimensions: [0]), bool(2), bool(), gives: bool()),
            .refused(Reduce(.add, dimensions: [0]), f32(2), i32(), because: "scalar of the same element type"),
            .refused(Reduce(.add, dimensions: [0]), f32(2), f32(1), because: "scalar of the same element type"),
            .refused(Reduce(.add, dimensions: [1]), f32(2), f32(), because: "no dimensions [1]"),
            .refused(Reduce(.add, dimensions: [0, 0]), f32(2), f32(), because: "no dimensions [0, 0]"),
            .refused(Reduce(.add, dimensions: [0]), f32(2), because: "takes 2 operands"),
            .refused(Reduce(.and, dimensions: [0]), f32(2), f32(), because: "integers or booleans"),
            .refused(Reduce(.add, dimensions: [0]), bool(2), bool(), because: "numbers"),
            .allowed(GatherRows(), f32(5, 2, 3), i32(4, 1), gives: f32(4, 1, 2, 3)),
            .allowed(GatherRows(), f32(5), i32(), gives: f32()),
            .refused(GatherRows(), f32(), i32(4), because: "a table and integer row numbers"),
            .refused(GatherRows(), f32(5), f32(4), because: "a table and integer row numbers"),
            .refused(GatherRows(), f32(5), because: "takes 2 operands"),
            .allowed(ScatterAddRows(), f32(5, 2), i32(3), f32(3, 2), gives: f32(5, 2)),
            .refused(ScatterAddRows(), f32(5, 2), i32(3), f32(4, 2), because: "one update row for each"),
            .refused(ScatterAddRows(), f32(5, 2), i32(3), i32(3, 2), because: "one update row for each"),
            .refused(ScatterAddRows(), f32(5, 2), f32(3), f32(3, 2), because: "one update row for each"),
            .refused(ScatterAddRows(), f32(), i32(3), f32(3), because: "takes a table"),
            .refused(ScatterAddRows(), f32(5), i32(3), because: "takes 3 operands"),
            .allowed(
                RandomBits(TensorType([3], .uint32)), TensorType([2], .uint64),
                gives: TensorType([2], .uint64), TensorType([3], .uint32)),
            .refused(RandomBits(TensorType([3], .uint32)), TensorType([3], .uint64), because: "state of two uint64"),
            .refused(RandomBits(TensorType([3], .uint32)), TensorType([2], .uint32), because: "state of two uint64"),
            .refused(RandomBits(f32(3)), TensorType([2], .uint64), because: "not f32"),
            .refused(RandomBits(TensorType([3], .uint32)), because: "takes 1 operands"),
        ])
    func reductionAndRows(example: ShapeRuleCase) throws { try example.check() }

    @Test(
        "Calls and shardings",
        arguments: [
            ShapeRuleCase.allowed(
                CustomCall("k", attributes: [:], results: [f32(2), i32()]), f32(3), gives: f32(2), i32()),
            .allowed(
                CustomCall("k", attributes: [:], results: [f32(2)], aliases: [0: 1]), i32(), f32(2), gives: f32(2)),
            .refused(
                CustomCall("k", attributes: [:], results: [f32(2)], aliases: [0: 0]), f32(3),
                because: "cannot write result 0 over operand 0"),
            .refused(
                CustomCall("k", attributes: [:], results: [f32(2)], aliases: [1: 0]), f32(2),
                because: "cannot write result 1 over operand 0"),
            .refused(
                CustomCall("k", attributes: [:], results: [f32(2)], aliases: [0: 1]), f32(2),
                because: "cannot write result 0 over operand 1"),
            .allowed(ShardingAnnotation(.batch(devices: 2)), f32(4, 3), gives: f32(4, 3)),
            .allowed(ShardingAnnotation(.replicated), f32(), gives: f32()),
            .refused(ShardingAnnotation(.batch(devices: 2)), f32(3), because: "cannot be cut into 2 equal pieces"),
            .refused(ShardingAnnotation(.batch(devices: 2)), f32(), because: "cannot be cut into 2 equal pieces"),
            .refused(ShardingAnnotation(.replicated), because: "takes 1 operands"),
        ])
    func calls(example: ShapeRuleCase) throws { try example.check() }

    @Test(
        "Products of matrices",
        arguments: [
            ShapeRuleCase.allowed(dot([], [], [1], [0]), f32(2, 3), f32(3, 4), gives: f32(2, 4)),
            .allowed(dot([0, 2], [1, 0], [1], [2]), f32(2, 3, 4, 5), f32(4, 2, 3, 6), gives: f32(2, 4, 5, 6)),
            .allowed(dot([], [], [], []), f32(2), f32(3), gives: f32(2, 3)),
            .allowed(dot([], [], [0], [0]), f32(3), f32(3), gives: f32()),
            .refused(
                dot([], [], [1], [0]), f32(2, 3), f32(4, 4), because: "dimension 1 of size 3 with dimension 0 of size 4"
            ),
            .refused(
                dot([0], [0], [], []), f32(2), f32(3), because: "dimension 0 of size 2 with dimension 0 of size 3"),
            .refused(dot([0], [0], [0], [1]), f32(2, 2), f32(2, 2), because: "cannot pair"),
            .refused(dot([], [], [2], [0]), f32(2, 3), f32(3, 4), because: "cannot pair"),
            .refused(dot([], [], [0, 1], [0]), f32(2, 3), f32(3, 4), because: "cannot pair"),
            .refused(dot([], [], [1], [0]), f32(2, 3), i32(3, 4), because: "one element type"),
            .refused(dot([], [], [0], [0]), bool(2), bool(2), because: "one element type"),
            .refused(dot([], [], [1], [0]), f32(2, 3), because: "takes 2 operands"),
        ])
    func products(example: ShapeRuleCase) throws { try example.check() }
}

private func dot(_ a: [Int], _ b: [Int], _ c: [Int], _ d: [Int]) -> DotGeneral {
    DotGeneral(batchingLeft: a, batchingRight: b, contractingLeft: c, contractingRight: d)
}
