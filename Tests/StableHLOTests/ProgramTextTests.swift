import StableHLO
import Testing

@Suite("StableHLO text")
struct ProgramTextTests {
    @Test("A donated argument, a loop's regions and several results")
    func loop() throws {
        var builder = ProgramBuilder()
        let x = builder.argument(f32(2))
        let limit = builder.argument(f32())
        let condition = try builder.region([f32(2), f32()]) { builder, arguments in
            let zero = try builder.add(Constant(.splat(0), f32()))
            let total = try builder.add(Reduce(.add, dimensions: [0]), arguments[0], zero[0])
            return try builder.add(ComparisonDirection.less, total[0], arguments[1])
        }
        let body = try builder.region([f32(2), f32()]) { builder, arguments in
            [try builder.add(BinaryOperation.add, arguments[0], arguments[0])[0], arguments[1]]
        }
        let results = builder.loop([x, limit], condition, body)
        let program = builder.program("grow", results: results, donations: [0: 0])
        #expect(
            program.text == """
                module @grow attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
                  func.func public @main(%0: tensor<2xf32> {tf.aliasing_output = 0 : i32}, %1: tensor<f32>) -> (tensor<2xf32>, tensor<f32>) {
                    %10, %11 = "stablehlo.while"(%0, %1) ({
                    ^bb0(%2: tensor<2xf32>, %3: tensor<f32>):
                      %4 = stablehlo.constant dense<0.0> : tensor<f32>
                      %5 = stablehlo.reduce(%2 init: %4) applies stablehlo.add across dimensions = [0] : (tensor<2xf32>, tensor<f32>) -> tensor<f32>
                      %6 = "stablehlo.compare"(%5, %3) {comparison_direction = #stablehlo<comparison_direction LT>} : (tensor<f32>, tensor<f32>) -> tensor<i1>
                      stablehlo.return %6 : tensor<i1>
                    }, {
                    ^bb0(%7: tensor<2xf32>, %8: tensor<f32>):
                      %9 = "stablehlo.add"(%7, %7) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
                      stablehlo.return %9, %8 : tensor<2xf32>, tensor<f32>
                    }) : (tensor<2xf32>, tensor<f32>) -> (tensor<2xf32>, tensor<f32>)
                    return %10, %11 : tensor<2xf32>, tensor<f32>
                  }
                }

                """)
        #expect(program.argumentTypes == [f32(2), f32()])
        #expect(program.resultTypes == [f32(2), f32()])
    }

    @Test("Arguments and results spread over a mesh")
    func shardings() throws {
        var builder = ProgramBuilder()
        let x = builder.argument(f32(4, 3))
        let y = builder.argument(f32(3))
        let wide = try builder.add(BroadcastInDim(to: [4, 3], dimensions: [1]), y)
        let sum = try builder.add(BinaryOperation.add, x, wide[0])
        let program = builder.program(
            "spread", results: sum, argumentShardings: [0: .batch(devices: 2), 1: .replicated],
            resultShardings: [0: .batch(devices: 2)], partitions: 2)
        #expect(
            program.text == """
                module @spread attributes {mhlo.num_partitions = 2 : i32, mhlo.num_replicas = 1 : i32} {
                  func.func public @main(%0: tensor<4x3xf32> {mhlo.sharding = "{devices=[2,1]<=[2]}"}, %1: tensor<3xf32> {mhlo.sharding = "{replicated}"}) -> (tensor<4x3xf32> {mhlo.sharding = "{devices=[2,1]<=[2]}"}) {
                    %2 = "stablehlo.broadcast_in_dim"(%1) {broadcast_dimensions = array<i64: 1>} : (tensor<3xf32>) -> tensor<4x3xf32>
                    %3 = "stablehlo.add"(%0, %2) : (tensor<4x3xf32>, tensor<4x3xf32>) -> tensor<4x3xf32>
                    return %3 : tensor<4x3xf32>
                  }
                }

                """)
    }

    @Test("Instructions", arguments: InstructionGolden.all)
    func instruction(golden: InstructionGolden) throws {
        #expect(try golden.text == golden.expected)
    }
}

/// Builds programs without tracing.
struct ProgramBuilder {
    struct Value {
        let number: Int
        let type: TensorType
    }

    private var next = 0
    private var arguments: [Value] = []
    private var instructions: [Instruction] = []

    private mutating func value(_ type: TensorType) -> Value {
        defer { next += 1 }
        return Value(number: next, type: type)
    }

    mutating func argument(_ type: TensorType) -> Value {
        arguments.append(value(type))
        return arguments[arguments.count - 1]
    }

    mutating func add(_ operation: some StableHLO.Operation, _ operands: Value...) throws -> [Value] {
        let types = try operation.resultTypes(for: operands.map(\.type))
        let results = types.map { value($0) }
        let context = TextContext(
            operands: operands.map { "%\($0.number)" }, operandTypes: operands.map(\.type), resultTypes: types,
            precision: .float32)
        instructions.append(Instruction(results: results.map(\.number), text: operation.text(context)))
        return results
    }

    mutating func region(
        _ types: [TensorType], body: (inout ProgramBuilder, [Value]) throws -> [Value]
    ) rethrows -> Region {
        let outer = instructions
        instructions = []
        let arguments = types.map { value($0) }
        let results = try body(&self, arguments)
        defer { instructions = outer }
        return Region(
            arguments: arguments.map { ($0.number, $0.type) }, instructions: instructions,
            results: results.map { ($0.number, $0.type) })
    }

    mutating func loop(_ operands: [Value], _ condition: Region, _ body: Region) -> [Value] {
        let results = operands.map { value($0.type) }
        let types = operands.map(\.type.description).joined(separator: ", ")
        let names = operands.map { "%\($0.number)" }.joined(separator: ", ")
        instructions.append(
            Instruction(
                results: results.map(\.number), text: "\"stablehlo.while\"(\(names))", regions: [condition, body],
                suffix: " : (\(types)) -> (\(types))"))
        return results
    }

    func program(
        _ name: String, results: [Value], donations: [Int: Int] = [:], argumentShardings: [Int: Sharding] = [:],
        resultShardings: [Int: Sharding] = [:], partitions: Int = 1
    ) -> Program {
        let entry = Region(
            arguments: arguments.map { ($0.number, $0.type) }, instructions: instructions,
            results: results.map { ($0.number, $0.type) })
        return Program(
            name: name, entry: entry, donations: donations, argumentShardings: argumentShardings,
            resultShardings: resultShardings, partitions: partitions)
    }
}
