import CPUKernels
import Foundation
import Testing

extension KernelTests {
    @Suite struct Sequences {
        /// The recurrence, in double, between softplus and gate. x, dt, z (batch, length, channels), a (channels,
        /// states), b, c (batch, length, states).
        static func scan(
            _ x: [Double], _ dt: [Double], _ a: [Double], _ b: [Double], _ c: [Double], _ skip: [Double],
            _ z: [Double], length: Int, channels: Int, states: Int
        ) -> [Double] {
            var y = x
            for batch in 0..<x.count / (length * channels) {
                for d in 0..<channels {
                    var h = [Double](repeating: 0, count: states)
                    for l in 0..<length {
                        let position = batch * length + l
                        let at = position * channels + d
                        let step = log1p(exp(dt[at]))
                        y[at] = skip[d] * x[at]
                        for n in 0..<states {
                            let decay = exp(-step * exp(a[d * states + n]))
                            h[n] = decay * h[n] + step * b[position * states + n] * x[at]
                            y[at] += c[position * states + n] * h[n]
                        }
                        y[at] *= silu(z[at])
                    }
                }
            }
            return y
        }

        struct Operands {
            let all: [Array32]
            let length, channels, states: Int

            init(_ batch: Int, _ length: Int, _ channels: Int, _ states: Int) {
                let sequence = [batch, length, channels]
                all = [
                    Array32(sequence, seed: 1), Array32(sequence, seed: 2, scale: 2, offset: -1),
                    Array32([channels, states], seed: 3), Array32([batch, length, states], seed: 4),
                    Array32([batch, length, states], seed: 5), Array32([channels], seed: 6),
                    Array32(sequence, seed: 8, scale: 2),
                ]
                (self.length, self.channels, self.states) = (length, channels, states)
            }

            var shape: [Int] { all[0].shape }

            func scan(_ doubles: [[Double]]) -> [Double] {
                Sequences.scan(
                    doubles[0], doubles[1], doubles[2], doubles[3], doubles[4], doubles[5], doubles[6],
                    length: length, channels: channels, states: states)
            }
        }

        @Test(arguments: instructionSets)
        func gatedSelectiveScanFollowsTheRecurrence(set: InstructionSet) throws {
            try set.use()
            for (batch, length, channels, states) in [(2, 5, 3, 2), (1, 1, 33, 8), (1, 70, 64, 16), (2, 9, 71, 17)] {
                let operands = Operands(batch, length, channels, states)
                let y = try run("flow.gated_selective_scan", operands.all, results: [operands.shape])[0]
                #expect(difference(y, operands.scan(operands.all.map(\.doubles))) < 2e-6)
            }
        }

        @Test(arguments: instructionSets)
        func gatedSelectiveScanBackwardMatchesDifferences(set: InstructionSet) throws {
            try set.use()
            for (batch, length, channels, states) in [(2, 4, 3, 2), (1, 3, 18, 16), (1, 131, 1, 3), (1, 2, 65, 4)] {
                let operands = Operands(batch, length, channels, states)
                let g = Array32(operands.shape, seed: 7)
                let gradients = try run(
                    "flow.gated_selective_scan_backward", [g] + operands.all, results: operands.all.map(\.shape))
                let doubles = operands.all.map(\.doubles)
                for index in doubles.indices {
                    let expected = numericalGradient(doubles[index], weights: g.doubles) { changed in
                        var all = doubles
                        all[index] = changed
                        return operands.scan(all)
                    }
                    #expect(difference(gradients[index], expected) < 1e-5, "operand \(index)")
                }
            }
        }

        @Test func scanStatesAreLimited() {
            let operands = Operands(1, 1, 1, 257)
            #expect(throws: KernelFailure.self) {
                try run("flow.gated_selective_scan", operands.all, results: [operands.shape])
            }
        }

        static func causalConvolution(
            _ x: [Double], _ weight: [Double], _ bias: [Double], length: Int, channels: Int, taps: Int
        ) -> [Double] {
            x.indices.map { i in
                let (l, d) = (i / channels % length, i % channels)
                var total = bias[d]
                for k in 0..<taps where l - taps + 1 + k >= 0 {
                    total += weight[d * taps + k] * x[i + (k - taps + 1) * channels]
                }
                return silu(total)
            }
        }

        @Test(arguments: instructionSets)
        func causalDepthwiseConvolution(set: InstructionSet) throws {
            try set.use()
            for (batch, length, channels, taps) in [(2, 3, 5, 4), (1, 6, 17, 4), (1, 2, 16, 3), (2, 4, 3, 1)] {
                let x = Array32([batch, length, channels], seed: 1)
                let g = Array32(x.shape, seed: 2)
                let weight = Array32([channels, 1, taps], seed: 3)
                let bias = Array32([channels], seed: 4)
                func y(_ x: [Double], _ weight: [Double], _ bias: [Double]) -> [Double] {
                    Self.causalConvolution(x, weight, bias, length: length, channels: channels, taps: taps)
                }
                let (xd, wd, bd) = (x.doubles, weight.doubles, bias.doubles)
                let forward = try run("flow.causal_depthwise_convolution", [x, weight, bias], results: [x.shape])
                #expect(difference(forward[0], y(xd, wd, bd)) < 2e-6)
                let backward = try run(
                    "flow.causal_depthwise_convolution_backward", [g, x, weight, bias],
                    results: [x.shape, weight.shape, bias.shape])
                #expect(difference(backward[0], numericalGradient(xd, weights: g.doubles) { y($0, wd, bd) }) < 1e-5)
                #expect(difference(backward[1], numericalGradient(wd, weights: g.doubles) { y(xd, $0, bd) }) < 1e-5)
                #expect(difference(backward[2], numericalGradient(bd, weights: g.doubles) { y(xd, wd, $0) }) < 1e-5)
            }
        }
    }
}
