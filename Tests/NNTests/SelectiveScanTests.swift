import NN
import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Selective scan", .needsPlugin)
struct SelectiveScanTests {
    /// (batch, length, channels, states): one position, square, prime, long prime, odd numbers of states.
    static let sizes = [
        [2, 1, 3, 2], [1, 2, 2, 3], [2, 4, 2, 1], [1, 7, 2, 5], [1, 12, 2, 3], [2, 17, 1, 3], [1, 16, 1, 16],
        [1, 19, 2, 1],
    ]

    private static func inputs(_ size: [Int]) -> [(shape: [Int], range: ClosedRange<Double>)] {
        let (batch, length, channels, states) = (size[0], size[1], size[2], size[3])
        return [
            ([batch, length, channels], -1...1), ([batch, length, channels], 0.05...1),
            ([channels, states], -2 ... -0.1),
            ([batch, length, states], -1...1), ([batch, length, states], -1...1), ([channels], -1...1),
        ]
    }

    private static func scan(_ x: [Tensor]) -> Tensor {
        selectiveScan(x[0], step: x[1], decay: x[2], input: x[3], output: x[4], skip: x[5])
    }

    @Test("Is its recurrence", arguments: sizes)
    func values(size: [Int]) throws {
        var generator = SeededGenerator(seed: 5)
        let inputs = Self.inputs(size).map { generator.array($0.shape, in: $0.range) }
        let results = try evaluate(inputs) { [Self.scan($0)] }
        let (x, step, decay, input, output, skip) = (inputs[0], inputs[1], inputs[2], inputs[3], inputs[4], inputs[5])
        var state = [Double](repeating: 0, count: size[3])
        var expected = [Double](repeating: 0, count: x.values.count)
        for batch in 0..<size[0] {
            for channel in 0..<size[2] {
                state = state.map { _ in 0 }
                for position in 0..<size[1] {
                    let (delta, value) = (step[batch, position, channel], x[batch, position, channel])
                    var sum = skip[channel] * value
                    for n in state.indices {
                        state[n] =
                            exponential(delta * decay[channel, n]) * state[n] + delta * input[batch, position, n]
                            * value
                        sum += output[batch, position, n] * state[n]
                    }
                    expected[(batch * size[1] + position) * size[2] + channel] = sum
                }
            }
        }
        #expect(worstDifference(results[0], expected) < 1e-12)
    }

    @Test("Derivative")
    func derivative() throws {
        try expectGradients(
            Self.sizes.map { size in
                GradientCheck("\(size)", inputs: Self.inputs(size).map { .init($0.shape, $0.range) }) { Self.scan($0) }
            })
    }

    @Test("Later positions do not reach earlier ones")
    func causality() throws {
        var generator = SeededGenerator(seed: 6)
        let size = [1, 6, 2, 3]
        let inputs = Self.inputs(size).map { generator.array($0.shape, in: $0.range) }
        let results = try evaluate(inputs) { arguments in
            let early = Self.scan(arguments).sliced(0..<3, along: 1).sum()
            return gradients(of: early, withRespectTo: [arguments[0], arguments[1]])
        }
        for gradient in results {
            #expect(gradient[6...].allSatisfy { $0 == 0 })
            #expect(gradient[..<6].allSatisfy { $0 != 0 })
        }
    }

    @Test("Gated, it is the scan of a positive step and a negative decay, times the gate's SiLU; so is its derivative")
    func gated() throws {
        let size = [2, 5, 3, 2]
        var generator = SeededGenerator(seed: 6)
        let inputs = (Self.inputs(size) + [([2, 5, 3], -2...2)]).map { generator.array($0.shape, in: -1...1) }
        func parts(_ y: Tensor, _ x: [Tensor]) -> [Tensor] {
            [y] + gradients(of: (y * x[6]).sum(), withRespectTo: x)
        }
        let results = try evaluate(inputs) { x in
            // An operand that depends on another, as the step does on x in a mixer.
            let dependent = x[1] * x[0]
            let whole = gatedSelectiveScan(
                x[0], step: dependent, decayLogarithm: x[2], input: x[3], output: x[4], skip: x[5], gate: x[6])
            let composed =
                selectiveScan(
                    x[0], step: softplus(dependent), decay: -exp(x[2]), input: x[3], output: x[4], skip: x[5])
                * silu(x[6])
            return parts(whole, x) + parts(composed, x)
        }
        for (whole, composed) in zip(results[..<8], results[8...]) {
            #expect(worstDifference(whole, composed) < 1e-12)
        }
    }
}
