import CPUKernels
import Foundation
import Testing

extension KernelTests {
    @Suite struct Sequences {
        /// The recurrence, in double. x, dt (batch, length, channels), a (channels, states), b, c (batch, length,
        /// states).
        static func scan(
            _ x: [Double], _ dt: [Double], _ a: [Double], _ b: [Double], _ c: [Double], _ skip: [Double], length: Int,
            channels: Int, states: Int
        ) -> [Double] {
            var y = x
            for batch in 0..<x.count / (length * channels) {
                for d in 0..<channels {
                    var h = [Double](repeating: 0, count: states)
                    for l in 0..<length {
                        let position = batch * length + l
                        let at = position * channels + d
                        y[at] = skip[d] * x[at]
                        for n in 0..<states {
                            h[n] = exp(dt[at] * a[d * states + n]) * h[n] + dt[at] * b[position * states + n] * x[at]
                            y[at] += c[position * states + n] * h[n]
                        }
                    }
                }
            }
            return y
        }

        struct Operands {
            let (x, dt, a, b, c, skip): (Array32, Array32, Array32, Array32, Array32, Array32)
            let length, channels, states: Int

            init(_ batch: Int, _ length: Int, _ channels: Int, _ states: Int) {
                x = Array32([batch, length, channels], seed: 1)
                dt = Array32([batch, length, channels], seed: 2, scale: 0.3, offset: 0.4)
                a = Array32([channels, states], seed: 3, scale: 2, offset: -2.5)
                b = Array32([batch, length, states], seed: 4)
                c = Array32([batch, length, states], seed: 5)
                skip = Array32([channels], seed: 6)
                (self.length, self.channels, self.states) = (length, channels, states)
            }

            var all: [Array32] { [x, dt, a, b, c, skip] }

            func scan(_ doubles: [[Double]]) -> [Double] {
                Sequences.scan(
                    doubles[0], doubles[1], doubles[2], doubles[3], doubles[4], doubles[5], length: length,
                    channels: channels, states: states)
            }
        }

        @Test(arguments: instructionSets)
        func selectiveScanFollowsTheRecurrence(set: InstructionSet) throws {
            try set.use()
            for (batch, length, channels, states) in [(2, 5, 3, 2), (1, 1, 33, 8), (1, 70, 32, 16), (2, 9, 17, 16)] {
                let operands = Operands(batch, length, channels, states)
                let y = try run("flow.selective_scan", operands.all, results: [operands.x.shape])[0]
                #expect(difference(y, operands.scan(operands.all.map(\.doubles))) < 2e-6)
            }
        }

        @Test(arguments: instructionSets)
        func selectiveScanBackwardMatchesDifferences(set: InstructionSet) throws {
            try set.use()
            for (batch, length, channels, states) in [(2, 4, 3, 2), (1, 3, 18, 16), (1, 131, 1, 3)] {
                let operands = Operands(batch, length, channels, states)
                let g = Array32(operands.x.shape, seed: 7)
                let gradients = try run(
                    "flow.selective_scan_backward", [g] + operands.all, results: operands.all.map(\.shape))
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
                try run("flow.selective_scan", operands.all, results: [operands.x.shape])
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
