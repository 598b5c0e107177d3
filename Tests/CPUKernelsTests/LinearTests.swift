import CPUKernels
import Testing

extension KernelTests {
    @Suite struct Linear {
        /// Rows (all but the last of `leading` sizes together), inputs, outputs.
        struct Shape: Sendable, CustomTestStringConvertible {
            let leading: [Int]
            let inputs: Int
            let outputs: Int

            var rows: Int { leading.reduce(1, *) }
            var testDescription: String { "\(leading) x \(inputs) to \(outputs)" }

            var x: Array32 { Array32(leading + [inputs], seed: 1) }
            var weight: Array32 { Array32([outputs, inputs], seed: 2) }
            var bias: Array32 { Array32([outputs], seed: 3) }
            var g: Array32 { Array32(leading + [outputs], seed: 4) }
        }

        /// No multiples of a tile; several chunks of the inner size; and sizes that Strassen's algorithm is for.
        static let shapes = [
            Shape(leading: [1], inputs: 1, outputs: 1), Shape(leading: [5], inputs: 3, outputs: 7),
            Shape(leading: [33], inputs: 16, outputs: 20), Shape(leading: [2, 35], inputs: 64, outputs: 48),
            Shape(leading: [3, 3], inputs: 601, outputs: 49), Shape(leading: [5, 8], inputs: 600, outputs: 40),
            Shape(leading: [9, 8], inputs: 12, outputs: 300), Shape(leading: [600], inputs: 5, outputs: 97),
            Shape(leading: [1, 64], inputs: 192, outputs: 192), Shape(leading: [3, 64], inputs: 194, outputs: 226),
            Shape(leading: [1, 128], inputs: 1030, outputs: 200), Shape(leading: [2, 192], inputs: 192, outputs: 390),
        ]

        /// Compares numbers of a result, chosen by the seed, with their definition; the scale is that of a typical sum.
        static func check(
            _ actual: Array32, terms: Int, tolerance: Double = 2e-6, _ definition: (_ row: Int, _ column: Int) -> Double
        ) {
            let columns = actual.shape[actual.shape.count - 1]
            let (rows, scale) = (actual.values.count / columns, Double(terms).squareRoot())
            let step = max(1, actual.values.count / 997)
            for i in stride(from: 0, to: rows * columns, by: step) {
                let expected = definition(i / columns, i % columns)
                #expect(abs(Double(actual.values[i]) - expected) <= tolerance * scale, "at \(i)")
            }
            #expect(actual.values.allSatisfy { $0.isFinite })
        }

        /// Products may be of bfloat16.
        static let bfloat16 = [("bfloat16", 1.0)]

        /// Operands of products that may be of bfloat16, as an instruction set multiplies them: each rounded once, or as it is.
        static func operand(_ array: Array32, of set: InstructionSet) -> Array32 {
            set.multipliesBFloat16 ? array.rounded : array
        }

        @Test(arguments: productSets, shapes)
        func productsOfBFloat16AreThoseOfRoundedOperands(set: InstructionSet, s: Shape) throws {
            try set.use()
            let (x, weight, bias, g) = (s.x, s.weight, s.bias, s.g)
            let (x16, weight16, g16) = (
                Self.operand(x, of: set), Self.operand(weight, of: set), Self.operand(g, of: set)
            )
            let y = try run("flow.linear", [x, weight, bias], results: [g.shape], attributes: Self.bfloat16)[0]
            Self.check(y, terms: s.inputs) { row, column in
                (0..<s.inputs).reduce(Double(bias.values[column])) {
                    $0 + Double(x16.values[row * s.inputs + $1]) * Double(weight16.values[column * s.inputs + $1])
                }
            }
            let dx = try run(
                "flow.linear_input_gradient", [g, weight], results: [x.shape], attributes: Self.bfloat16)[0]
            Self.check(dx, terms: s.outputs) { row, column in
                (0..<s.outputs).reduce(0) {
                    $0 + Double(g16.values[row * s.outputs + $1]) * Double(weight16.values[$1 * s.inputs + column])
                }
            }
            let gradients = try run(
                "flow.linear_weight_gradient", [x, g], results: [weight.shape, bias.shape], attributes: Self.bfloat16)
            Self.check(gradients[0], terms: s.rows) { output, input in
                (0..<s.rows).reduce(0) {
                    $0 + Double(g16.values[$1 * s.outputs + output]) * Double(x16.values[$1 * s.inputs + input])
                }
            }
            // The bias's gradient is a sum and no product.
            Self.check(gradients[1], terms: s.rows) { _, output in
                (0..<s.rows).reduce(0) { $0 + Double(g.values[$1 * s.outputs + output]) }
            }
        }

        /// A tie, a number beside one, one that rounds up to the next power, the least and the greatest.
        @Test(arguments: productSets.filter(\.multipliesBFloat16))
        func operandsAreRoundedToTheNearestBFloat16(set: InstructionSet) throws {
            try set.use()
            let values: [Float] = [
                1 + 0x1p-8, 1 + 0x3p-8, 1 + 0x1p-8 + 0x1p-20, 1 + 0x1p-8 - 0x1p-20, 2 - 0x1p-10, 0x1p-126, -0x1.FEp127,
                0,
            ]
            let expected: [Float] = [1, 1 + 0x1p-6, 1 + 0x1p-7, 1, 2, 0x1p-126, -0x1.FEp127, 0]
            // By the identity: each number comes through alone.
            let size = values.count
            let identity = Array32([size, size], (0..<size * size).map { $0 % (size + 1) == 0 ? 1 : 0 })
            let x = Array32([1, size], values)
            let y = try run("flow.linear", [x, identity], results: [[1, size]], attributes: Self.bfloat16)[0]
            #expect(y.values == expected)
            let transposed = try run(
                "flow.linear_weight_gradient", [Array32([1, size], values), Array32([1, 1], [1])],
                results: [[1, size]], attributes: Self.bfloat16)[0]
            #expect(transposed.values == expected)
        }

        @Test(arguments: instructionSets, shapes)
        func forwardIsItsDefinition(set: InstructionSet, s: Shape) throws {
            try set.use()
            let (x, weight, bias) = (s.x, s.weight, s.bias)
            func plain(_ row: Int, _ column: Int) -> Double {
                (0..<s.inputs).reduce(0) {
                    $0 + Double(x.values[row * s.inputs + $1]) * Double(weight.values[column * s.inputs + $1])
                }
            }
            func biased(_ row: Int, _ column: Int) -> Double { plain(row, column) + Double(bias.values[column]) }
            Self.check(
                try run("flow.linear", [x, weight], results: [s.g.shape])[0], terms: s.inputs, plain)
            Self.check(
                try run("flow.linear", [x, weight, bias], results: [s.g.shape])[0], terms: s.inputs, biased)
            let both = try run("flow.linear_gelu", [x, weight, bias], results: [s.g.shape, s.g.shape])
            Self.check(both[0], terms: s.inputs) { Elementwise.gelu(biased($0, $1)) }
            Self.check(both[1], terms: s.inputs, biased)
            let alone = try run("flow.linear_gelu", [x, weight, bias], results: [s.g.shape])
            #expect(alone[0].values == both[0].values)
        }

        @Test(arguments: instructionSets, shapes)
        func inputGradientIsItsDefinition(set: InstructionSet, s: Shape) throws {
            try set.use()
            let (g, weight) = (s.g, s.weight)
            let before = Array32(s.x.shape, seed: 5, scale: 3)
            func plain(_ row: Int, _ column: Int) -> Double {
                (0..<s.outputs).reduce(0) {
                    $0 + Double(g.values[row * s.outputs + $1]) * Double(weight.values[$1 * s.inputs + column])
                }
            }
            Self.check(
                try run("flow.linear_input_gradient", [g, weight], results: [s.x.shape])[0], terms: s.outputs, plain)
            let sum = try run("flow.linear_input_gradient", [g, weight, before], results: [s.x.shape])[0]
            Self.check(sum, terms: s.outputs) { plain($0, $1) + Double(before.values[$0 * s.inputs + $1]) }
            let through = try run("flow.linear_input_gradient_gelu", [g, weight, before], results: [s.x.shape])[0]
            Self.check(through, terms: s.outputs) { row, column in
                plain(row, column) * Elementwise.geluSlope(Double(before.values[row * s.inputs + column]))
            }
        }

        @Test(arguments: instructionSets, shapes)
        func parameterGradientsAreTheirDefinition(set: InstructionSet, s: Shape) throws {
            try set.use()
            let (x, g) = (s.x, s.g)
            let gradients = try run("flow.linear_weight_gradient", [x, g], results: [s.weight.shape, s.bias.shape])
            Self.check(gradients[0], terms: s.rows) { output, input in
                (0..<s.rows).reduce(0) {
                    $0 + Double(g.values[$1 * s.outputs + output]) * Double(x.values[$1 * s.inputs + input])
                }
            }
            Self.check(gradients[1], terms: s.rows) { _, output in
                (0..<s.rows).reduce(0) { $0 + Double(g.values[$1 * s.outputs + output]) }
            }
            let alone = try run("flow.linear_weight_gradient", [x, g], results: [s.weight.shape])
            #expect(alone[0].values == gradients[0].values)
        }

        /// As for Strassen's algorithm: a sample must not depend on its batch.
        @Test(arguments: productSets, [64, 128, 48])
        func anImageDoesNotDependOnTheOthers(set: InstructionSet, length: Int) throws {
            try set.use()
            let (inputs, outputs) = (192, 200)
            let images = Array32([3, length, inputs], seed: 1)
            let weight = Array32([outputs, inputs], seed: 2)
            for attributes in [[], Self.bfloat16] {
                let all = try run(
                    "flow.linear", [images, weight], results: [[3, length, outputs]], attributes: attributes)[0]
                for image in 0..<3 {
                    let x = Array32(
                        [1, length, inputs],
                        Array(images.values[image * length * inputs..<(image + 1) * length * inputs]))
                    let one = try run(
                        "flow.linear", [x, weight], results: [[1, length, outputs]], attributes: attributes)[0]
                    #expect(one.values[...] == all.values[image * length * outputs..<(image + 1) * length * outputs])
                }
            }
        }

        @Test(arguments: [instructionSets.last ?? .baseline, .emulated])
        func resultsDoNotDependOnTheNumberOfThreads(set: InstructionSet) throws {
            try set.use()
            let before = KernelResources.threadCount
            defer { KernelResources.threadCount = before }
            for (s, attributes) in Self.shapes.flatMap({ [($0, []), ($0, Self.bfloat16)] }) {
                let results = try [1, 2, 3].map { count in
                    KernelResources.threadCount = count
                    return try run(
                        "flow.linear", [s.x, s.weight, s.bias], results: [s.g.shape], attributes: attributes)
                        + run(
                            "flow.linear_weight_gradient", [s.x, s.g], results: [s.weight.shape, s.bias.shape],
                            attributes: attributes)
                }
                for other in results.dropFirst() {
                    for index in 0..<3 { #expect(other[index].values == results[0][index].values) }
                }
            }
        }

        @Test(arguments: productSets)
        func notANumberReachesItsRow(set: InstructionSet) throws {
            try set.use()
            for (inputs, attributes) in [(5, []), (192, []), (5, Self.bfloat16), (192, Self.bfloat16)] {
                var x = Array32([1, 64, inputs], seed: 1)
                // With all bits set, adding to it to round it would make a number of it.
                x.values[3 * inputs + 1] = Float(bitPattern: 0x7FFF_FFFF)
                let y = try run(
                    "flow.linear", [x, Array32([192, inputs], seed: 2)], results: [[1, 64, 192]],
                    attributes: attributes)[0]
                #expect(y.values[3 * 192..<4 * 192].allSatisfy { $0.isNaN })
            }
        }
    }
}
