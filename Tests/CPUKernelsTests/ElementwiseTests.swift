import CPUKernels
import Foundation
import Testing

extension KernelTests {
    @Suite struct Elementwise {
        static func gelu(_ x: Double) -> Double { 0.5 * x * erfc(-x / 2.0.squareRoot()) }

        static func geluSlope(_ x: Double) -> Double {
            0.5 * erfc(-x / 2.0.squareRoot()) + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
        }

        @Test(arguments: instructionSets)
        func geluIsExact(set: InstructionSet) throws {
            try set.use()
            let x = Array32([1001, 1], (0...1000).map { Float($0 - 500) * 0.02 })
            let one = Array32([1, 1], [1])
            let y = try run("flow.linear_gelu", [x, one, Array32([1], [0])], results: [x.shape, x.shape])[0]
            let g = Array32(x.shape, seed: 1)
            let dx = try run("flow.linear_input_gradient_gelu", [g, one, x], results: [x.shape])[0]
            for i in x.values.indices {
                let value = Double(x.values[i])
                #expect(abs(Double(y.values[i]) - Self.gelu(value)) < 3e-7 * max(1, abs(value)))
                #expect(abs(Double(dx.values[i]) - Double(g.values[i]) * Self.geluSlope(value)) < 5e-7)
            }
        }

        @Test(arguments: instructionSets)
        func notANumberStays(set: InstructionSet) throws {
            try set.use()
            let x = Array32([2, 1, 1, 5], [0, 1, .nan, 3, 4, 5, 6, 7, 8, 9])
            let column = Array32([10, 1], x.values)
            let gelu = try run(
                "flow.linear_gelu", [column, Array32([1, 1], [1]), Array32([1], [0])],
                results: [column.shape, column.shape])[0]
            #expect(gelu.values[2].isNaN)
            let ones = Array32([5], seed: 1)
            for name in ["flow.silu_batch_norm", "flow.batch_norm_silu"] {
                let y = try run(
                    name, [x, ones, ones], results: [x.shape, [5], [5]], attributes: [("eps", 1e-5)])[0]
                #expect(y.values[2].isNaN && y.values[7].isNaN && !y.values[1].isNaN)
            }
            let qkv = Array32([1, 2, 3], [.nan, 1, 1, 1, 1, 1])
            let out = try run("flow.attention", [qkv], results: [[1, 2, 1], [1, 1, 2]], attributes: [("heads", 1)])[0]
            #expect(out.values[0].isNaN && !out.values[1].isNaN)
        }

        @Test(arguments: instructionSets, [true, false])
        func adamFollowsPyTorch(set: InstructionSet, hasAverage: Bool) throws {
            try set.use()
            let shapes = [[3, 7], [1], [20001]]
            let settings: [Float] = [0.01, 0.9, 0.999, 1e-8, 0.1, 0.271, 0.002997, 0.99]
            var operands = [Array32([8], settings)]
            for kind in 0..<(hasAverage ? 5 : 4) {
                operands += shapes.enumerated().map { index, shape in
                    Array32(shape, seed: UInt64(kind * 10 + index + 1), scale: 0.5, offset: kind == 3 ? 0.5 : 0)
                }
            }
            let kinds = hasAverage ? 4 : 3
            let results = try run("flow.adam", operands, results: (0..<kinds).flatMap { _ in shapes })
            let s = settings.map(Double.init)
            for (index, shape) in shapes.enumerated() {
                var expected = [[Double]](repeating: [], count: 4)
                for i in 0..<shape.reduce(1, *) {
                    func at(_ kind: Int) -> Double { Double(operands[1 + kind * shapes.count + index].values[i]) }
                    let first = s[1] * at(2) + (1 - s[1]) * at(1)
                    let second = s[2] * at(3) + (1 - s[2]) * at(1) * at(1)
                    let denominator = second.squareRoot() / s[6].squareRoot() + s[3]
                    let value = at(0) * (1 - s[0] * s[4]) - s[0] / s[5] * first / denominator
                    expected[0].append(value)
                    expected[1].append(first)
                    expected[2].append(second)
                    if hasAverage { expected[3].append(at(4) + (1 - s[7]) * (value - at(4))) }
                }
                for kind in 0..<kinds {
                    #expect(difference(results[kind * shapes.count + index], expected[kind]) < 1e-6)
                }
            }
        }

        @Test func adamChecksItsOperands() {
            let settings = Array32([8], seed: 1)
            let p = Array32([3], seed: 2)
            let q = Array32([4], seed: 2)
            #expect(throws: KernelFailure.self) {
                try run("flow.adam", [settings, p, p, p], results: [[3], [3], [3]])
            }
            #expect(throws: KernelFailure.self) {
                try run("flow.adam", [settings, p, q, p, p], results: [[3], [3], [3]])
            }
            #expect(throws: KernelFailure.self) {
                try run("flow.adam", [settings, p, p, p, p], results: [[3], [4], [3]])
            }
            #expect(throws: KernelFailure.self) { try run("flow.adam", [p, p, p, p, p], results: [[3], [3], [3]]) }
        }

        static func upsample(_ x: [Double], height: Int, width: Int, channels: Int) -> [Double] {
            let images = x.count / (height * width * channels)
            var y: [Double] = []
            for n in 0..<images {
                for row in 0..<2 * height {
                    for column in 0..<2 * width {
                        let v = max(0, (Double(row) + 0.5) / 2 - 0.5)
                        let u = max(0, (Double(column) + 0.5) / 2 - 0.5)
                        let (r, c) = (Int(v), Int(u))
                        let (below, right) = (min(r + 1, height - 1), min(c + 1, width - 1))
                        let (p, q) = (v - Double(r), u - Double(c))
                        for channel in 0..<channels {
                            func at(_ row: Int, _ column: Int) -> Double {
                                x[((n * height + row) * width + column) * channels + channel]
                            }
                            y.append(
                                (1 - p) * ((1 - q) * at(r, c) + q * at(r, right))
                                    + p * ((1 - q) * at(below, c) + q * at(below, right)))
                        }
                    }
                }
            }
            return y
        }

        @Test(arguments: instructionSets)
        func bilinearUpsampling(set: InstructionSet) throws {
            try set.use()
            for (n, height, width, channels) in [(2, 3, 2, 5), (1, 1, 1, 3), (1, 2, 3, 16), (1, 2, 2, 19)] {
                let x = Array32([n, height, width, channels], seed: 1)
                let big = [n, 2 * height, 2 * width, channels]
                let y = try run("flow.upsample_bilinear_2x", [x], results: [big])[0]
                func reference(_ x: [Double]) -> [Double] {
                    Self.upsample(x, height: height, width: width, channels: channels)
                }
                #expect(difference(y, reference(x.doubles)) < 1e-6)
                let g = Array32(big, seed: 2)
                let dx = try run("flow.upsample_bilinear_2x_backward", [g], results: [x.shape])[0]
                #expect(difference(dx, numericalGradient(x.doubles, weights: g.doubles, reference)) < 1e-5)
            }
            #expect(throws: KernelFailure.self) {
                try run("flow.upsample_bilinear_2x", [Array32([1, 2, 2, 1], seed: 1)], results: [[1, 4, 5, 1]])
            }
        }
    }
}
