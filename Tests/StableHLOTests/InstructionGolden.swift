import StableHLO
import Testing

/// The text of one instruction.
struct InstructionGolden: Sendable, CustomTestStringConvertible {
    let operation: any StableHLO.Operation
    let operands: [TensorType]
    let expected: String

    init(_ operation: any StableHLO.Operation, _ operands: TensorType..., expected: String) {
        self.operation = operation
        self.operands = operands
        self.expected = expected
    }

    var testDescription: String { operation.mnemonic }

    var text: String {
        get throws {
            operation.text(
                TextContext(
                    operands: operands.indices.map { "%\($0)" }, operandTypes: operands,
                    resultTypes: try operation.resultTypes(for: operands), precision: .float32))
        }
    }

    static let all: [InstructionGolden] = structural + numeric + constants

    private static let structural: [InstructionGolden] = [
        InstructionGolden(
            Transpose([1, 0]), f32(2, 3),
            expected:
                #""stablehlo.transpose"(%0) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>"#),
        InstructionGolden(
            Slice(starts: [1], limits: [6], strides: [2]), f32(7),
            expected: #""stablehlo.slice"(%0) {start_indices = array<i64: 1>, limit_indices = array<i64: 6>, "#
                + "strides = array<i64: 2>} : (tensor<7xf32>) -> tensor<3xf32>"),
        InstructionGolden(
            Pad(low: [1], high: [-1], interior: [2]), f32(3), f32(),
            expected:
                #""stablehlo.pad"(%0, %1) {edge_padding_low = array<i64: 1>, edge_padding_high = array<i64: -1>, "#
                + "interior_padding = array<i64: 2>} : (tensor<3xf32>, tensor<f32>) -> tensor<7xf32>"),
        InstructionGolden(
            Concatenate(dimension: 0), i32(1), i32(2),
            expected:
                #""stablehlo.concatenate"(%0, %1) {dimension = 0 : i64} : (tensor<1xi32>, tensor<2xi32>) -> tensor<3xi32>"#
        ),
        InstructionGolden(
            DynamicSlice(sizes: [2]), f32(5), i32(),
            expected: #""stablehlo.dynamic_slice"(%0, %1) {slice_sizes = array<i64: 2>} : "#
                + "(tensor<5xf32>, tensor<i32>) -> tensor<2xf32>"),
        InstructionGolden(
            BroadcastInDim(to: [2], dimensions: []), f32(),
            expected:
                #""stablehlo.broadcast_in_dim"(%0) {broadcast_dimensions = array<i64>} : (tensor<f32>) -> tensor<2xf32>"#
        ),
        InstructionGolden(
            GatherRows(), f32(5, 3), i32(4),
            expected: #""stablehlo.gather"(%0, %1) {dimension_numbers = #stablehlo.gather<offset_dims = [1], "#
                + "collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, "
                + "indices_are_sorted = false, slice_sizes = array<i64: 1, 3>} : "
                + "(tensor<5x3xf32>, tensor<4xi32>) -> tensor<4x3xf32>"),
        InstructionGolden(
            ScatterAddRows(), f32(5, 3), i32(4), f32(4, 3),
            expected: #""stablehlo.scatter"(%0, %1, %2) ({ ^bb0(%a: tensor<f32>, %b: tensor<f32>): "#
                + "%c = stablehlo.add %a, %b : tensor<f32> stablehlo.return %c : tensor<f32> }) "
                + "{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<"
                + "update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], "
                + "index_vector_dim = 1>, unique_indices = false} : "
                + "(tensor<5x3xf32>, tensor<4xi32>, tensor<4x3xf32>) -> tensor<5x3xf32>"),
    ]

    private static let numeric: [InstructionGolden] = [
        InstructionGolden(
            UnaryOperation.erf, f32(2), expected: "chlo.erf %0 : tensor<2xf32> -> tensor<2xf32>"),
        InstructionGolden(
            UnaryOperation.exponentialMinusOne, f32(2),
            expected: #""stablehlo.exponential_minus_one"(%0) : (tensor<2xf32>) -> tensor<2xf32>"#),
        InstructionGolden(
            Reduce(.maximum, dimensions: [0, 2]), f32(2, 3, 4), f32(),
            expected: "stablehlo.reduce(%0 init: %1) applies stablehlo.maximum across dimensions = [0, 2] : "
                + "(tensor<2x3x4xf32>, tensor<f32>) -> tensor<3xf32>"),
        InstructionGolden(
            DotGeneral(batchingLeft: [0], batchingRight: [1], contractingLeft: [2], contractingRight: [0]),
            f32(2, 3, 4), f32(4, 2, 5),
            expected: #""stablehlo.dot_general"(%0, %1) {dot_dimension_numbers = #stablehlo.dot<"#
                + "lhs_batching_dimensions = [0], rhs_batching_dimensions = [1], lhs_contracting_dimensions = [2], "
                + "rhs_contracting_dimensions = [0]>, precision_config = "
                + "[#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]} : "
                + "(tensor<2x3x4xf32>, tensor<4x2x5xf32>) -> tensor<2x3x5xf32>"),
        InstructionGolden(
            Convolution(
                dimensions: .channelsLast, strides: [2, 1], padding: [[1, 0], [1, -1]], inputDilation: [1, 1],
                kernelDilation: [1, 2], featureGroups: 2),
            f32(2, 8, 8, 4), f32(6, 2, 3, 3),
            expected: #""stablehlo.convolution"(%0, %1) {batch_group_count = 1 : i64, "#
                + "dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[o, i, 0, 1]->[b, 0, 1, f]>, "
                + "feature_group_count = 2 : i64, lhs_dilation = array<i64: 1, 1>, "
                + "padding = dense<[[1, 0], [1, -1]]> : tensor<2x2xi64>, "
                + "precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>], "
                + "rhs_dilation = array<i64: 1, 2>, window_strides = array<i64: 2, 1>} : "
                + "(tensor<2x8x8x4xf32>, tensor<6x2x3x3xf32>) -> tensor<2x4x4x6xf32>"),
        InstructionGolden(
            CustomCall(
                "flow.test", attributes: ["stride": .integer(2), "eps": .float(0.5)], results: [f32(2), f32(3)],
                aliases: [1: 0]),
            f32(3), i32(),
            expected: #""stablehlo.custom_call"(%0, %1) {call_target_name = "flow.test", api_version = 4 : i32, "#
                + "backend_config = {eps = 0x3F000000 : f32, stride = 2 : i64}, "
                + "operand_layouts = [dense<[0]> : tensor<1xindex>, dense<[]> : tensor<0xindex>], "
                + "result_layouts = [dense<[0]> : tensor<1xindex>, dense<[0]> : tensor<1xindex>], "
                + "output_operand_aliases = [#stablehlo.output_operand_alias<output_tuple_indices = [1], "
                + "operand_index = 0, operand_tuple_indices = []>]} : "
                + "(tensor<3xf32>, tensor<i32>) -> (tensor<2xf32>, tensor<3xf32>)"),
        InstructionGolden(
            CustomCall("flow.test", attributes: [:], results: [f32(3)], aliases: [0: 0]), f32(3),
            expected: #""stablehlo.custom_call"(%0) {call_target_name = "flow.test", api_version = 4 : i32, "#
                + "backend_config = {}, operand_layouts = [dense<[0]> : tensor<1xindex>], "
                + "result_layouts = [dense<[0]> : tensor<1xindex>], output_operand_aliases = [#stablehlo.output_operand_alias<"
                + "output_tuple_indices = [], operand_index = 0, operand_tuple_indices = []>]} : "
                + "(tensor<3xf32>) -> tensor<3xf32>"),
        InstructionGolden(
            ShardingAnnotation(.batch(devices: 2)), f32(4, 3),
            expected: #""stablehlo.custom_call"(%0) {call_target_name = "Sharding", "#
                + "mhlo.sharding = \"{devices=[2,1]<=[2]}\"} : (tensor<4x3xf32>) -> tensor<4x3xf32>"),
        InstructionGolden(
            RandomBits(TensorType([3], .uint32)), TensorType([2], .uint64),
            expected: #""stablehlo.rng_bit_generator"(%0) {rng_algorithm = #stablehlo<rng_algorithm PHILOX>} : "#
                + "(tensor<2xui64>) -> (tensor<2xui64>, tensor<3xui32>)"),
        InstructionGolden(
            Iota(i32(2, 3), dimension: 1),
            expected: #""stablehlo.iota"() {iota_dimension = 1 : i64} : () -> tensor<2x3xi32>"#),
    ]

    private static let constants: [InstructionGolden] = [
        (Constant(.splat(0.5), f32(2)), "dense<0.5> : tensor<2xf32>"),
        (Constant(.splat(1e-8), f32()), "dense<1.0e-08> : tensor<f32>"),
        (Constant(.splat(-1.25e300), TensorType([], .float64)), "dense<-1.25e+300> : tensor<f64>"),
        (Constant(.splat(-.infinity), f32()), "dense<0xFF800000> : tensor<f32>"),
        (Constant(.splat(.infinity), TensorType([], .float64)), "dense<0x7FF0000000000000> : tensor<f64>"),
        (Constant(.splat(.infinity), TensorType([], .bfloat16)), "dense<0x7F80> : tensor<bf16>"),
        (Constant(.splat(-.infinity), TensorType([], .float16)), "dense<0xFC00> : tensor<f16>"),
        (Constant(.splat(.nan), f32()), "dense<0x7FC00000> : tensor<f32>"),
        (Constant(.splat(3), i32()), "dense<3> : tensor<i32>"),
        (Constant(.splatInteger(-4), TensorType([2], .int64)), "dense<-4> : tensor<2xi64>"),
        (Constant(.splatInteger(1), bool()), "dense<true> : tensor<i1>"),
        (Constant(.splatInteger(0), bool(3)), "dense<false> : tensor<3xi1>"),
        (Constant(.splatInteger(2), f32()), "dense<2.0> : tensor<f32>"),
        (Constant(.bytes([0, 0, 128, 63, 10, 0, 0, 64]), f32(2)), "dense<\"0x0000803F0A000040\"> : tensor<2xf32>"),
        (Constant(.bytes([]), f32(0)), "dense<> : tensor<0xf32>"),
        (Constant(.splat(1), f32(2, 0)), "dense<> : tensor<2x0xf32>"),
    ].map { constant, text in InstructionGolden(constant, expected: "stablehlo.constant " + text) }
}
