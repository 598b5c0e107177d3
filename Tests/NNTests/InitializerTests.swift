import Foundation
import NN
import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Initialisers", .needsPlugin)
struct InitializerTests {
    private func values(_ initializer: Initializer, _ type: TensorType) throws -> [Double] {
        try evaluate(HostArray([3], [], .uint64)) {
            [initializer.value(type, bits: RandomStream(seed: $0[0]).bits(type.shape))]
        }[0]
    }

    private func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot())
    }

    @Test("Constants of every type")
    func constants() throws {
        #expect(try values(.constant(2.5), TensorType([2])) == [2.5, 2.5])
        #expect(try values(.constant(0), TensorType([], .int64)) == [0])
    }

    @Test("Uniform within its bound, which follows from the inputs")
    func uniform() throws {
        let drawn = try values(.uniform(bound: 0.2), TensorType([100, 200]))
        let (mean, deviation) = moments(drawn)
        #expect(drawn.allSatisfy { abs($0) <= 0.2 })
        #expect(abs(mean) < 0.005)
        #expect(abs(deviation - 0.2 / 3.0.squareRoot()) < 0.003)
        #expect(Initializer.fanIn(25) == .uniform(bound: 0.2))
        #expect(Initializer.xavierUniform(inputs: 2, outputs: 4) == .uniform(bound: 1))
    }

    @Test("Normal and truncated normal")
    func normal() throws {
        let plain = moments(try values(.normal(standardDeviation: 2), TensorType([20000])))
        #expect(abs(plain.mean) < 0.085)
        #expect(abs(plain.deviation - 2) < 0.06)
        let wide = moments(try values(.truncatedNormal(standardDeviation: 0.02, bound: 2), TensorType([20000])))
        #expect(abs(wide.mean) < 0.00085)
        #expect(abs(wide.deviation - 0.02) < 0.0006)
        let cut = try values(.truncatedNormal(standardDeviation: 1, bound: 1), TensorType([20000]))
        #expect(cut.allSatisfy { abs($0) <= 1 })
        // The variance of a standard normal between -1 and 1 is 1 - 2 phi(1) / (2 Phi(1) - 1).
        #expect(abs(moments(cut).deviation - 0.5396) < 0.015)
    }

    @Test("Mamba's decay and time step")
    func mamba() throws {
        let logarithms = try values(.logarithmsOfCounts, TensorType([2, 4]))
        let expected = (1...4).map { Foundation.log(Double($0)) }
        #expect(worstDifference(logarithms, expected + expected) < 1e-6)
        let biases = try values(
            .inverseSoftplusOfLogUniform(lowest: 0.001, highest: 0.1, floor: 1e-4), TensorType([20000]))
        let steps = biases.map { log1p(exponential($0)) }
        #expect(steps.allSatisfy { (0.000999...0.1001).contains($0) })
        let (mean, deviation) = moments(steps.map { Foundation.log($0) })
        let range = Foundation.log(100.0)
        #expect(abs(mean - Foundation.log(0.01)) < 0.06)
        #expect(abs(deviation - range / 12.0.squareRoot()) < 0.04)
    }

    @Test("Every parameter of a tree starts from numbers of its own, reproducibly")
    func tree() throws {
        struct Pair: Module {
            let a = Parameter([64], .normal(standardDeviation: 1))
            let b = Parameter([64], .normal(standardDeviation: 1))
        }
        let tree = try ParameterTree(of: Pair())
        let first = try evaluate(HostArray([3], [], .uint64)) { tree.initialValues(RandomStream(seed: $0[0])) }
        let second = try evaluate(HostArray([3], [], .uint64)) {
            tree.initialValues(RandomStream(seed: $0[0])).reversed()
        }
        #expect(first[0] != first[1])
        #expect(first == second.reversed())
    }
}
