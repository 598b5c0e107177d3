import FlowMatching
import Settings
import StableHLO
import TestSupport
import Testing
import Tracing

@Suite("Weightings", .needsPlugin)
struct WeightingLawTests {
    static let paths = ProbabilityPaths.registry.names
    static let kinds = Weightings.registry.names.flatMap { weighting in
        Predictions.registry.names.map { (weighting, $0) }
    }

    /// The weights at times, (n, 1, 1, 1) for n images.
    private func weights(
        _ weighting: any Weighting, _ path: String, _ prediction: String, at times: [Double], _ type: ElementType
    ) throws -> [Double] {
        let (path, prediction) = try (FlowMatchingTests.path(path), FlowMatchingTests.prediction(prediction))
        return try evaluate(HostArray(times, [times.count, 1, 1, 1], type)) { arguments in
            let c = path.coefficients(at: arguments[0])
            let weights =
                weighting.weights(c, of: prediction) ?? Tensor(1, shape: arguments[0].shape, elementType: type)
            #expect(weights.type == arguments[0].type)
            return [weights]
        }[0]
    }

    @Test("Every weight is finite and not below 0, at every regular time of the path", arguments: paths, kinds)
    func finite(path: String, kinds: (weighting: String, prediction: String)) throws {
        let times = try FlowMatchingTests.path(path).regularTimes.grid(101) + [1e-7, 1 - 1e-7]
        for type in [ElementType.float32, .float64] {
            let weights = try weights(weighting(kinds.weighting), path, kinds.prediction, at: times, type)
            #expect(weights.allSatisfy { $0.isFinite && $0 >= 0 }, "\(weights)")
            #expect(weights.contains { $0 > 0 })
        }
    }

    @Test("min-SNR is min(SNR, gamma) / SNR for noise, and its limit 1 at t = 0", arguments: paths, [0.5, 5, 40])
    func noise(path: String, gamma: Double) throws {
        var minimum = MinimumSNRWeighting()
        minimum.gamma = gamma
        let times = [0] + (0.01...0.99).grid(50)
        let expected = try ratios(path, at: times).map { $0 == 0 ? 1 : min($0, gamma) / $0 }
        #expect(try worstDifference(weights(minimum, path, "noise", at: times, .float64), expected) < 1e-9)
    }

    @Test("min-SNR is min(SNR, gamma) / (SNR + 1) for velocity on the linear path, times (1 - t)^2 and t^2")
    func velocity() throws {
        // On the cosine path speed is pi / 2 and alpha^2 + beta^2 = 1: the paper's weight for v-prediction, scaled.
        let times = (0...0.99).grid(50)
        let cosine = try ratios("cosine", at: times).map { min($0, 5) / ($0 + 1) * 4 / (Double.pi * Double.pi) }
        let minimum = MinimumSNRWeighting()
        #expect(try worstDifference(weights(minimum, "cosine", "velocity", at: times, .float64), cosine) < 1e-9)
        // On the linear path z = x + (1 - t) u.
        let linear = zip(times, try ratios("linear", at: times)).map { time, ratio in
            min(ratio, 5) * (1 - time) * (1 - time)
        }
        #expect(try worstDifference(weights(minimum, "linear", "velocity", at: times, .float64), linear) < 1e-9)
    }

    /// alpha^2 / beta^2
    private func ratios(_ path: String, at times: [Double]) throws -> [Double] {
        let path = try FlowMatchingTests.path(path)
        return try evaluate(HostArray(times, [times.count], .float64)) {
            [path.coefficients(at: $0[0]).signalToNoiseRatio]
        }[0]
    }

    @Test("A weight multiplies its image's squared error alone")
    func loss() throws {
        let results = try evaluate(
            HostArray([1, 2, 3, 4], [2, 1, 1, 2]), HostArray([0, 0, 1, 1], [2, 1, 1, 2]),
            HostArray([2, 0.5], [2, 1, 1, 1])
        ) {
            [
                flowMatchingLoss(output: $0[0], target: $0[1]),
                flowMatchingLoss(output: $0[0], target: $0[1], weights: $0[2]),
            ]
        }
        // The squared errors are 1 + 4 and 4 + 9.
        #expect(results == [[9], [8.25]])
    }
}
