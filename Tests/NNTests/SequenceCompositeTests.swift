import NN
import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Composites on vectors and sequences", .needsPlugin)
struct SequenceCompositeTests {
    @Test("Linear maps are their formulas", arguments: [[4], [2, 4], [2, 3, 4], [2, 1, 1, 4], [1, 4]])
    func linearValues(shape: [Int]) throws {
        var generator = SeededGenerator(seed: 1)
        let (x, weight, bias) = (generator.array(shape), generator.array([3, 4]), generator.array([3]))
        let results = try evaluate(x, weight, bias) {
            [linear($0[0], $0[1], bias: $0[2]), linear($0[0], $0[1], bias: nil)]
        }
        let plain = product(x, weight)
        #expect(worstDifference(results[0], plain.enumerated().map { $1 + bias.values[$0 % 3] }) < 1e-12)
        #expect(worstDifference(results[1], plain) < 1e-12)
    }

    @Test("The feed-forward part is its formula", arguments: [[4], [2, 4], [2, 3, 4], [1, 4]])
    func feedForwardValues(shape: [Int]) throws {
        var generator = SeededGenerator(seed: 7)
        let (x, weight1, bias1) = (generator.array(shape), generator.array([3, 4]), generator.array([3]))
        let (weight2, bias2) = (generator.array([5, 3]), generator.array([5]))
        let result = try evaluate(x, weight1, bias1, weight2, bias2) {
            [feedForward($0[0], $0[1], bias1: $0[2], $0[3], bias2: $0[4])]
        }[0]
        let before = product(x, weight1).enumerated().map { $1 + bias1.values[$0 % 3] }
        let hidden = before.map { 0.5 * $0 * (1 + errorFunction($0 / 2.0.squareRoot())) }
        let mapped = product(HostArray(hidden, shape.dropLast() + [3]), weight2)
        #expect(worstDifference(result, mapped.enumerated().map { $1 + bias2.values[$0 % 5] }) < 1e-12)
    }

    /// x W^T over the last dimension of x.
    private func product(_ x: HostArray, _ weight: HostArray) -> [Double] {
        let (outputs, inputs) = (weight.shape[0], weight.shape[1])
        return (0..<x.values.count / inputs).flatMap { row in
            (0..<outputs).map { output in
                (0..<inputs).reduce(0) { $0 + x.values[row * inputs + $1] * weight[output, $1] }
            }
        }
    }

    @Test(
        "Modulated layer norms, alone and after a gated residual, are their formulas",
        arguments: [[2, 3, 4], [1, 1, 2], [2, 1, 5]])
    func modulationValues(shape: [Int]) throws {
        var generator = SeededGenerator(seed: 2)
        let (x, update) = (generator.array(shape), generator.array(shape))
        let row = [shape[0], shape[2]]
        let (scale, shift, gate) = (generator.array(row), generator.array(row), generator.array(row))
        let results = try evaluate(x, scale, shift, gate, update) {
            let sum = gatedResidualLayerNorm($0[0], gate: $0[3], update: $0[4], scale: $0[1], shift: $0[2])
            return [modulatedLayerNorm($0[0], scale: $0[1], shift: $0[2]), sum.stream, sum.normalized]
        }
        func normalized(_ x: HostArray) -> HostArray {
            HostArray(shape) { index in
                let row = (0..<shape[2]).map { x[index[0], index[1], $0] }
                let mean = row.reduce(0, +) / Double(shape[2])
                let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(shape[2])
                let value = (x[index[0], index[1], index[2]] - mean) / (variance + 1e-6).squareRoot()
                return value * (1 + scale[index[0], index[2]]) + shift[index[0], index[2]]
            }
        }
        let gated = HostArray(shape) { index in
            x[index[0], index[1], index[2]] + gate[index[0], index[2]] * update[index[0], index[1], index[2]]
        }
        #expect(worstDifference(results[0], normalized(x).values) < 1e-12)
        #expect(worstDifference(results[1], gated.values) < 1e-12)
        #expect(worstDifference(results[2], normalized(gated).values) < 1e-12)
    }

    @Test(
        "Attention is its formula",
        arguments: [(2, 5, 6, 2), (1, 1, 4, 1), (1, 7, 3, 3), (2, 4, 8, 4)] as [(Int, Int, Int, Int)])
    func attentionValues(batch: Int, length: Int, width: Int, heads: Int) throws {
        var generator = SeededGenerator(seed: 3)
        let packed = generator.array([batch, length, 3 * width], in: -2...2)
        let results = try evaluate(packed) { [attention($0[0], heads: heads)] }
        let depth = width / heads
        let expected = HostArray([batch, length, width]) { index in
            let (b, position, head) = (index[0], index[1], index[2] / depth)
            let scores = (0..<length).map { other in
                (0..<depth).reduce(0) { sum, d in
                    sum + packed[b, position, head * depth + d] * packed[b, other, width + head * depth + d]
                } / Double(depth).squareRoot()
            }
            let powers = scores.map(exponential)
            let total = powers.reduce(0, +)
            return (0..<length).reduce(0) { $0 + powers[$1] / total * packed[b, $1, 2 * width + index[2]] }
        }
        #expect(worstDifference(results[0], expected.values) < 1e-12)
    }

    @Test("Attention does not overflow for large scores")
    func largeScores() throws {
        let packed = HostArray([100, 100, 1, -100, -100, 2], [1, 2, 3])
        let results = try evaluate(packed) {
            [attention($0[0], heads: 1)] + gradients(of: attention($0[0], heads: 1).sum(), withRespectTo: $0)
        }
        #expect(results[0] == [1, 2])
        #expect(results[1].allSatisfy { $0.isFinite })
    }

    @Test("Causal convolution with SiLU is its formula", arguments: [(1, 4), (6, 4), (5, 1), (3, 7)] as [(Int, Int)])
    func causalConvolutionValues(length: Int, taps: Int) throws {
        var generator = SeededGenerator(seed: 4)
        let (x, kernel) = (generator.array([2, length, 3]), generator.array([3, 1, taps]))
        let bias = generator.array([3])
        let results = try evaluate(x, kernel, bias) { [causalConvolutionSiLU($0[0], $0[1], bias: $0[2])] }
        let expected = HostArray([2, length, 3]) { index in
            let before = (0..<taps).reduce(bias[index[2]]) { sum, tap in
                let position = index[1] - (taps - 1) + tap
                return position < 0 ? sum : sum + x[index[0], position, index[2]] * kernel[index[2], 0, tap]
            }
            return before * sigmoid(before)
        }
        #expect(worstDifference(results[0], expected.values) < 1e-12)
    }

    @Test("Derivatives")
    func gradientsOfComposites() throws {
        try expectGradients([
            GradientCheck("linear", [2, 3, 4], [5, 4], [5]) { linear($0[0], $0[1], bias: $0[2]) },
            GradientCheck("linear of a vector, no bias", [4], [1, 4]) { linear($0[0], $0[1], bias: nil) },
            GradientCheck("feed-forward", [2, 3, 4], [5, 4], [5], [3, 5], [3]) {
                feedForward($0[0], $0[1], bias1: $0[2], $0[3], bias2: $0[4])
            },
            GradientCheck("feed-forward, sizes of one", [1, 1], [1, 1], [1], [1, 1], [1]) {
                feedForward($0[0], $0[1], bias1: $0[2], $0[3], bias2: $0[4])
            },
            GradientCheck("linear twice with one weight", [2, 3], [3, 3]) {
                linear(linear($0[0], $0[1], bias: nil), $0[1], bias: nil)
            },
            GradientCheck("modulated layer norm", [2, 3, 4], [2, 4], [2, 4]) {
                modulatedLayerNorm($0[0], scale: $0[1], shift: $0[2])
            },
            GradientCheck("modulated layer norm, one position", [1, 1, 5], [1, 5], [1, 5]) {
                modulatedLayerNorm($0[0], scale: $0[1], shift: $0[2], epsilon: 0.01)
            },
            GradientCheck("gated residual, both results", [2, 3, 4], [2, 4], [2, 3, 4], [2, 4], [2, 4]) {
                let sum = gatedResidualLayerNorm($0[0], gate: $0[1], update: $0[2], scale: $0[3], shift: $0[4])
                return sum.stream * 2 + sum.normalized
            },
            GradientCheck("gated residual, the norm alone", [1, 2, 5], [1, 5], [1, 2, 5], [1, 5], [1, 5]) {
                gatedResidualLayerNorm($0[0], gate: $0[1], update: $0[2], scale: $0[3], shift: $0[4]).normalized
            },
            GradientCheck("gated residual, the stream alone", [1, 2, 3], [1, 3], [1, 2, 3]) {
                gatedResidualLayerNorm($0[0], gate: $0[1], update: $0[2], scale: $0[1], shift: $0[1]).stream
            },
            GradientCheck("gated residual with its own input", [1, 2, 3], [1, 3]) {
                let sum = gatedResidualLayerNorm(
                    $0[0], gate: $0[1], update: exp($0[0]), scale: $0[1], shift: $0[1], epsilon: 0.01)
                return sum.stream + sum.normalized
            },
            GradientCheck("attention, 2 heads", [2, 3, 12]) { attention($0[0], heads: 2) },
            GradientCheck("attention, 1 position", [1, 1, 6]) { attention($0[0], heads: 1) },
            GradientCheck("attention, heads of width 1", [1, 5, 9]) { attention($0[0], heads: 3) },
            GradientCheck("causal convolution", [2, 5, 3], [3, 1, 4], [3]) {
                causalConvolutionSiLU($0[0], $0[1], bias: $0[2])
            },
            GradientCheck("causal convolution, one position", [1, 1, 2], [2, 1, 4], [2]) {
                causalConvolutionSiLU($0[0], $0[1], bias: $0[2])
            },
            GradientCheck("causal convolution, one tap", [1, 3, 2], [2, 1, 1], [2]) {
                causalConvolutionSiLU($0[0], $0[1], bias: $0[2])
            },
        ])
    }
}
