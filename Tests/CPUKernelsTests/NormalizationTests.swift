import CPUKernels
import Foundation
import Testing

extension KernelTests {
    @Suite struct Normalization {
        /// Batch normalization next to SiLU, in double; x (rows, channels).
        static func batchNorm(
            _ x: [Double], _ scale: [Double], _ shift: [Double], siluFirst: Bool, epsilon: Double
        ) -> (y: [Double], mean: [Double], variance: [Double]) {
            let channels = scale.count
            let rows = x.count / channels
            let f = siluFirst ? x.map(silu) : x
            var mean = [Double](repeating: 0, count: channels)
            var variance = mean
            for i in f.indices { mean[i % channels] += f[i] / Double(rows) }
            for i in f.indices { variance[i % channels] += pow(f[i] - mean[i % channels], 2) / Double(rows) }
            let y = f.indices.map { i in
                let c = i % channels
                let value = (f[i] - mean[c]) / (variance[c] + epsilon).squareRoot() * scale[c] + shift[c]
                return siluFirst ? value : silu(value)
            }
            return (y, mean, variance)
        }

        @Test(arguments: instructionSets, [true, false])
        func batchNormMatchesItsDefinition(set: InstructionSet, siluFirst: Bool) throws {
            try set.use()
            for (shape, channels) in [
                ([2, 3, 5, 7], 7), ([1, 1, 3, 37], 37), ([3, 11, 19, 64], 64), ([1, 2, 2, 1], 1),
            ] {
                let x = Array32(shape, seed: 1, scale: 2, offset: 3)
                let scale = Array32([channels], seed: 2)
                let shift = Array32([channels], seed: 3)
                let name = siluFirst ? "flow.silu_batch_norm" : "flow.batch_norm_silu"
                let results = try run(
                    name, [x, scale, shift], results: [shape, [channels], [channels]], attributes: [("eps", 1e-5)])
                let expected = Self.batchNorm(
                    x.doubles, scale.doubles, shift.doubles, siluFirst: siluFirst, epsilon: 1e-5)
                #expect(difference(results[0], expected.y) < 3e-6)
                #expect(difference(results[1], expected.mean) < 1e-6)
                #expect(difference(results[2], expected.variance) < 2e-6)
            }
        }

        @Test(arguments: instructionSets, [true, false])
        func affineScalesAndShiftsChannels(set: InstructionSet, siluFirst: Bool) throws {
            try set.use()
            for (shape, channels) in [([2, 3, 19], 19), ([1, 1], 1), ([300, 16], 16), ([2, 5, 33], 33)] {
                let x = Array32(shape, seed: 1, scale: 4)
                let (scale, shift) = (Array32([channels], seed: 2), Array32([channels], seed: 3))
                let y = try run(
                    siluFirst ? "flow.silu_affine" : "flow.affine_silu", [x, scale, shift], results: [shape])[0]
                let expected = x.doubles.enumerated().map { index, value in
                    let (a, b) = (Double(scale.values[index % channels]), Double(shift.values[index % channels]))
                    return siluFirst ? silu(value) * a + b : silu(value * a + b)
                }
                #expect(difference(y, expected) < 1e-6)
            }
        }

        @Test func varianceIsAccurateFarFromZero() throws {
            try (instructionSets.last ?? .baseline).use()
            let x = Array32([4, 16, 16, 3], seed: 5, scale: 0.01, offset: 1000)
            let results = try run(
                "flow.batch_norm_silu", [x, Array32([3], [1, 1, 1]), Array32([3], [0, 0, 0])],
                results: [x.shape, [3], [3]], attributes: [("eps", 1e-5)])
            let expected = Self.batchNorm(
                x.doubles, [1, 1, 1], [0, 0, 0], siluFirst: false, epsilon: 1e-5)
            for (actual, expected) in zip(results[2].values, expected.variance) {
                #expect(abs(Double(actual) - expected) < 1e-4 * expected)
            }
        }

        @Test(arguments: instructionSets, [true, false])
        func batchNormBackwardMatchesDifferences(set: InstructionSet, siluFirst: Bool) throws {
            try set.use()
            for channels in [1, 5, 19] {
                let shape = [2, 2, 3, channels]
                let x = Array32(shape, seed: 1, scale: 2)
                let g = Array32(shape, seed: 4)
                let scale = Array32([channels], seed: 2, offset: 0.5)
                let shift = Array32([channels], seed: 3)
                let forward = Self.batchNorm(
                    x.doubles, scale.doubles, shift.doubles, siluFirst: siluFirst, epsilon: 1e-5)
                let name = siluFirst ? "flow.silu_batch_norm_backward" : "flow.batch_norm_silu_backward"
                let statistics = [
                    Array32([channels], forward.mean.map { Float($0) }),
                    Array32([channels], forward.variance.map { Float($0) }),
                ]
                let results = try run(
                    name, [g, x, scale, shift] + statistics, results: [shape, [channels], [channels]],
                    attributes: [("eps", 1e-5)])
                func output(_ x: [Double], _ scale: [Double], _ shift: [Double]) -> [Double] {
                    Self.batchNorm(x, scale, shift, siluFirst: siluFirst, epsilon: 1e-5).y
                }
                let weights = g.doubles
                let dx = numericalGradient(x.doubles, weights: weights) { output($0, scale.doubles, shift.doubles) }
                let dscale = numericalGradient(scale.doubles, weights: weights) { output(x.doubles, $0, shift.doubles) }
                let dshift = numericalGradient(shift.doubles, weights: weights) { output(x.doubles, scale.doubles, $0) }
                #expect(difference(results[0], dx) < 2e-5)
                #expect(difference(results[1], dscale) < 1e-5)
                #expect(difference(results[2], dshift) < 1e-5)
            }
        }

        /// LN(x) (1 + scale) + shift; x (batch, length, width).
        static func layerNorm(
            _ x: [Double], _ scale: [Double], _ shift: [Double], length: Int, width: Int
        ) -> (y: [Double], mean: [Double], inverse: [Double]) {
            var y: [Double] = []
            var means: [Double] = []
            var inverses: [Double] = []
            for row in 0..<x.count / width {
                let values = Array(x[row * width..<(row + 1) * width])
                let mean = values.reduce(0, +) / Double(width)
                let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
                let inverse = 1 / (variance + 1e-6).squareRoot()
                let modulation = row / length * width
                y += values.indices.map {
                    (values[$0] - mean) * inverse * (1 + scale[modulation + $0]) + shift[modulation + $0]
                }
                means.append(mean)
                inverses.append(inverse)
            }
            return (y, means, inverses)
        }

        @Test(arguments: instructionSets)
        func modulatedLayerNorm(set: InstructionSet) throws {
            try set.use()
            for (batch, length, width) in [(2, 3, 5), (1, 1, 33), (2, 2, 16), (1, 3, 50)] {
                let x = Array32([batch, length, width], seed: 1, offset: 2)
                let g = Array32(x.shape, seed: 2)
                let scale = Array32([batch, width], seed: 3)
                let shift = Array32([batch, width], seed: 4)
                let forward = try run(
                    "flow.modulated_layer_norm", [x, scale, shift],
                    results: [x.shape, [batch, length], [batch, length]], attributes: [("eps", 1e-6)])
                let expected = Self.layerNorm(
                    x.doubles, scale.doubles, shift.doubles, length: length, width: width)
                #expect(difference(forward[0], expected.y) < 2e-6)
                #expect(difference(forward[1], expected.mean) < 1e-6)
                #expect(difference(forward[2], expected.inverse) < 2e-6)
                let backward = try run(
                    "flow.modulated_layer_norm_backward", [g, x, scale, forward[1], forward[2]],
                    results: [x.shape, scale.shape, shift.shape])
                func y(_ x: [Double], _ scale: [Double], _ shift: [Double]) -> [Double] {
                    Self.layerNorm(x, scale, shift, length: length, width: width).y
                }
                let dx = numericalGradient(x.doubles, weights: g.doubles) { y($0, scale.doubles, shift.doubles) }
                let dscale = numericalGradient(scale.doubles, weights: g.doubles) { y(x.doubles, $0, shift.doubles) }
                let dshift = numericalGradient(shift.doubles, weights: g.doubles) { y(x.doubles, scale.doubles, $0) }
                #expect(difference(backward[0], dx) < 1e-5)
                #expect(difference(backward[1], dscale) < 1e-5)
                #expect(difference(backward[2], dshift) < 1e-5)
            }
        }

        @Test(arguments: instructionSets, [true, false])
        func gatedResidualLayerNorm(set: InstructionSet, hasStreamGradient: Bool) throws {
            try set.use()
            for (batch, length, width) in [(2, 3, 5), (1, 1, 33), (2, 2, 16), (1, 3, 50)] {
                let shape = [batch, length, width]
                let (x, update) = (Array32(shape, seed: 1, offset: 2), Array32(shape, seed: 2))
                let (g, streamG) = (Array32(shape, seed: 3), Array32(shape, seed: 4))
                let vectors = (5..<8).map { Array32([batch, width], seed: $0) }
                let (gate, scale, shift) = (vectors[0], vectors[1], vectors[2])
                let statistics = [batch, length]
                let forward = try run(
                    "flow.gated_residual_layer_norm", [x, gate, update, scale, shift],
                    results: [shape, shape, statistics, statistics], attributes: [("eps", 1e-6)])

                func stream(_ x: [Double], _ gate: [Double], _ update: [Double]) -> [Double] {
                    x.indices.map { x[$0] + gate[$0 / (length * width) * width + $0 % width] * update[$0] }
                }
                func results(_ values: [[Double]]) -> [Double] {
                    let sum = stream(values[0], values[1], values[2])
                    let norm = Self.layerNorm(sum, values[3], values[4], length: length, width: width)
                    return (hasStreamGradient ? sum : []) + norm.y
                }
                let operands = [x, gate, update, scale, shift].map(\.doubles)
                let sum = stream(operands[0], operands[1], operands[2])
                let norm = Self.layerNorm(sum, scale.doubles, shift.doubles, length: length, width: width)
                #expect(difference(forward[0], sum) < 1e-6)
                #expect(difference(forward[1], norm.y) < 2e-6)
                #expect(difference(forward[2], norm.mean) < 1e-6)
                #expect(difference(forward[3], norm.inverse) < 2e-6)

                let backward = try run(
                    "flow.gated_residual_layer_norm_backward",
                    [g, forward[0], scale, forward[2], forward[3], gate, update] + (hasStreamGradient ? [streamG] : []),
                    results: [shape, [batch, width], shape, [batch, width], [batch, width]])
                for index in operands.indices {
                    let expected = numericalGradient(
                        operands[index], weights: (hasStreamGradient ? streamG.doubles : []) + g.doubles
                    ) { moved in
                        var all = operands
                        all[index] = moved
                        return results(all)
                    }
                    #expect(difference(backward[index], expected) < 1e-5)
                }
            }
        }

        @Test(arguments: instructionSets)
        func embeddings(set: InstructionSet) throws {
            try set.use()
            let (batch, length, width) = (2, 3, 21)
            let x = Array32([batch, length, width], seed: 1)
            let gate = Array32([batch, width], seed: 3)
            var totals = [Double](repeating: 0, count: batch * width)
            for i in x.values.indices { totals[i / (length * width) * width + i % width] += Double(x.values[i]) }
            let image = Array32([batch, 1, length, width], x.values)
            let added = try run("flow.embedding_add", [image, gate], results: [image.shape])[0]
            for i in x.values.indices {
                #expect(added.values[i] == x.values[i] + gate.values[i / (length * width) * width + i % width])
            }
            let gradient = try run("flow.embedding_add_backward", [image], results: [gate.shape])[0]
            #expect(difference(gradient, totals) < 1e-6)
        }
    }
}
