import CPUKernels
import Foundation
import Testing

extension KernelTests {
    @Suite struct Attention {
        /// Softmax attention of packed queries, keys and values (batch, length, 3 heads head).
        static func attention(
            _ qkv: [Double], length: Int, heads: Int, head: Int
        ) -> (out: [Double], logSums: [Double]) {
            let width = heads * head
            let batches = qkv.count / (length * 3 * width)
            var out = [Double](repeating: 0, count: batches * length * width)
            var logSums: [Double] = []
            for batch in 0..<batches {
                for h in 0..<heads {
                    func at(_ part: Int, _ row: Int, _ i: Int) -> Double {
                        qkv[(batch * length + row) * 3 * width + part * width + h * head + i]
                    }
                    for row in 0..<length {
                        let scores = (0..<length).map { key in
                            (0..<head).reduce(0) { $0 + at(0, row, $1) * at(1, key, $1) } / Double(head).squareRoot()
                        }
                        let sum = scores.reduce(0) { $0 + exp($1) }
                        logSums.append(log(sum))
                        for i in 0..<head {
                            out[(batch * length + row) * width + h * head + i] =
                                (0..<length).reduce(0) { $0 + exp(scores[$1]) / sum * at(2, $1, i) }
                        }
                    }
                }
            }
            return (out, logSums)
        }

        /// What the kernels make of queries, keys and values (batch, length, 3 heads head), and a cotangent of the output.
        static func gradient(
            _ qkv: Array32, _ g: Array32, heads: Int, _ further: [(String, Double)] = []
        ) throws -> Array32 {
            let attributes = [("heads", Double(heads))] + further
            let forward = try run(
                "flow.attention", [qkv], results: [g.shape, [g.shape[0], heads, g.shape[1]]], attributes: attributes)
            return try run(
                "flow.attention_backward", [g, qkv] + forward, results: [qkv.shape], attributes: attributes)[0]
        }

        @Test(arguments: instructionSets)
        func forwardMatchesItsDefinition(set: InstructionSet) throws {
            try set.use()
            for (batch, length, heads, head) in [
                (2, 3, 2, 5), (1, 64, 1, 64), (1, 1, 3, 1), (1, 70, 1, 20), (1, 17, 2, 96),
            ] {
                let qkv = Array32([batch, length, 3 * heads * head], seed: 1, scale: 2)
                let results = try run(
                    "flow.attention", [qkv], results: [[batch, length, heads * head], [batch, heads, length]],
                    attributes: [("heads", Double(heads))])
                let expected = Self.attention(qkv.doubles, length: length, heads: heads, head: head)
                #expect(difference(results[0], expected.out) < 5e-6)
                #expect(difference(results[1], expected.logSums) < 2e-6)
            }
        }

        @Test(arguments: instructionSets)
        func backwardMatchesDifferences(set: InstructionSet) throws {
            try set.use()
            for (batch, length, heads, head) in [(2, 3, 2, 5), (1, 9, 1, 16), (1, 1, 2, 3)] {
                let shape = [batch, length, heads * head]
                let qkv = Array32([batch, length, 3 * heads * head], seed: 1, scale: 2)
                let g = Array32(shape, seed: 2)
                let dqkv = try Self.gradient(qkv, g, heads: heads)
                let expected = numericalGradient(qkv.doubles, weights: g.doubles) {
                    Self.attention($0, length: length, heads: heads, head: head).out
                }
                #expect(difference(dqkv, expected) < 1e-5)
            }
        }

        /// Longer than a block of queries: compared along one direction, as all differences would take long.
        @Test(arguments: instructionSets)
        func backwardSpansBlocks(set: InstructionSet) throws {
            try set.use()
            let (length, heads, head) = (131, 1, 6)
            let qkv = Array32([1, length, 3 * heads * head], seed: 1, scale: 2)
            let g = Array32([1, length, heads * head], seed: 2)
            let direction = Array32(qkv.shape, seed: 3)
            let dqkv = try Self.gradient(qkv, g, heads: heads)
            let slope = zip(dqkv.doubles, direction.doubles).reduce(0) { $0 + $1.0 * $1.1 }
            let expected = numericalGradient([0], weights: g.doubles) { step in
                let moved = zip(qkv.doubles, direction.doubles).map { $0 + step[0] * $1 }
                return Self.attention(moved, length: length, heads: heads, head: head).out
            }[0]
            #expect(abs(slope - expected) < 1e-5 * max(1, abs(expected)))
        }

        /// Queries, keys, values and their cotangent are rounded to bfloat16 once; then the softmax's weights, each by at most
        /// 2^-9 of itself, so that an output, their mean, moves by at most 2^-9 of the largest value.
        @Test(arguments: productSets)
        func productsOfBFloat16AreThoseOfRoundedOperands(set: InstructionSet) throws {
            try set.use()
            for (batch, length, heads, head) in [(2, 3, 2, 5), (1, 64, 1, 64), (1, 1, 3, 1), (1, 71, 1, 20)] {
                let qkv = Array32([batch, length, 3 * heads * head], seed: 1, scale: 2)
                let rounded = Linear.operand(qkv, of: set).doubles
                let results = try run(
                    "flow.attention", [qkv], results: [[batch, length, heads * head], [batch, heads, length]],
                    attributes: [("heads", Double(heads))] + Linear.bfloat16)
                let expected = Self.attention(rounded, length: length, heads: heads, head: head)
                let largest = zip(results[0].values, expected.out).map { abs(Double($0) - $1) }.max() ?? .infinity
                #expect(largest <= 2 * 0x1p-9 + 1e-5)
                #expect(difference(results[1], expected.logSums) < 2e-6)
            }
        }

        /// The scores' gradient is rounded as well, and its mean is that of unrounded numbers: two roundings of 2^-9 more.
        @Test(arguments: productSets)
        func gradientsOfBFloat16AreThoseOfRoundedOperands(set: InstructionSet) throws {
            try set.use()
            for (batch, length, heads, head) in [(2, 3, 2, 5), (1, 9, 1, 16), (1, 1, 2, 3)] {
                let shape = [batch, length, heads * head]
                let qkv = Array32([batch, length, 3 * heads * head], seed: 1, scale: 2)
                let g = Array32(shape, seed: 2)
                let dqkv = try Self.gradient(qkv, g, heads: heads, Linear.bfloat16)
                let expected = numericalGradient(
                    Linear.operand(qkv, of: set).doubles, weights: Linear.operand(g, of: set).doubles
                ) {
                    Self.attention($0, length: length, heads: heads, head: head).out
                }
                #expect(difference(dqkv, expected) < 3 * 0x1p-9)
            }
        }

        /// Large scores must not overflow: the softmax then picks one value.
        @Test func largeScoresPickOneValue() throws {
            try (instructionSets.last ?? .baseline).use()
            let qkv = Array32([1, 2, 3], [100, 100, 1, 100, 50, 2])
            let out = try run(
                "flow.attention", [qkv], results: [[1, 2, 1], [1, 1, 2]], attributes: [("heads", 1)])
            #expect(out[0].values.map { ($0 * 1e5).rounded() / 1e5 } == [1, 1])
        }
    }
}
