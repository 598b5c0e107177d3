import Flows
import Foundation
import Settings
import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Time distributions", .needsPlugin)
struct TimeLawTests {
    private func quantiles(
        _ times: any TimeDistribution, of uniform: [Double], _ type: ElementType = .float64
    ) throws -> [Double] {
        try evaluate(HostArray(uniform, [uniform.count], type)) { [times.times(of: $0[0])] }[0]
    }

    @Test("Times lie in [0, 1] and never fall with the uniform number", arguments: TimeDistributions.registry.names)
    func monotone(kind: String) throws {
        // The least number that can be drawn, and the greatest.
        let uniform = [0] + (0x1p-24...(1 - 0x1p-24)).grid(1001)
        for type in [ElementType.float32, .float64] {
            let times = try quantiles(times(kind), of: uniform, type)
            #expect(times.allSatisfy { (0...1).contains($0) })
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
            #expect(times[500] < times[501] && times[0] < 0.05 && times[1001] > 0.95)
        }
    }

    @Test("The mean of many times is that of the quantile function", arguments: TimeDistributions.registry.names)
    func mean(kind: String) throws {
        let times = try times(kind)
        let drawn = try evaluate(HostArray([4], [], .uint64)) {
            [times.times(of: RandomStream(seed: $0[0]).uniform([20_000])).mean()]
        }[0][0]
        let quantiles = try quantiles(times, of: (0.5 / 4000...1 - 0.5 / 4000).grid(4000))
        let mean = quantiles.reduce(0, +) / 4000
        let deviation = (quantiles.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4000).squareRoot()
        #expect(abs(drawn - mean) < 5 * deviation / 20_000.squareRoot())
    }

    @Test("The median of logit-normal times is that of the logit's mean, and quantiles are its normal's")
    func logitNormal() throws {
        var times = LogitNormalTimes()
        for (mean, deviation) in [(0.0, 1.0), (-0.5, 1.2), (2, 0.25)] {
            (times.mean, times.deviation) = (mean, deviation)
            // Phi^-1 of 0.5 and of the probabilities of one deviation.
            let results = try quantiles(times, of: [0.5, 0.841344746068543, 0.158655253931457])
            let expected = [mean, mean + deviation, mean - deviation].map { 1 / (1 + exp(-$0)) }
            #expect(worstDifference(results, expected) < 1e-9)
        }
    }

    @Test("Uniform times are the uniform numbers")
    func uniform() throws {
        #expect(try quantiles(UniformTimes(), of: [0, 0.25, 0.5, 0.75]) == [0, 0.25, 0.5, 0.75])
    }

    @Test("Stratified numbers are one from each part", arguments: [1, 7, 250])
    func stratified(count: Int) throws {
        let numbers = try evaluate(HostArray([5], [], .uint64)) {
            [RandomStream(seed: $0[0]).stratifiedUniform(count)]
        }[0]
        #expect(
            numbers.enumerated().allSatisfy { index, number in
                number >= Double(index) / Double(count) - 1e-7 && number <= Double(index + 1) / Double(count)
                    && number < 1
            })
        #expect(Set(numbers.enumerated().map { $1 * Double(count) - Double($0) }).count > count / 2)
    }
}
