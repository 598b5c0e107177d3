import Flows
import Settings
import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Weightings", .needsPlugin)
struct WeightingLawTests {
    static let paths = ProbabilityPaths.registry.names

    /// The weights at times, (n, 1, 1, 1) for n images.
    private func weights(
        _ weighting: any Weighting, _ path: String, _ prediction: String, at times: [Double], _ type: ElementType
    ) throws -> [Double] {
        let (path, prediction) = try (FlowsTests.path(path), FlowsTests.prediction(prediction))
        return try evaluate(HostArray(times, [times.count, 1, 1, 1], type)) { arguments in
            let c = path.coefficients(at: arguments[0])
            let weights =
                weighting.weights(c, of: prediction) ?? Tensor(1, shape: arguments[0].shape, elementType: type)
            #expect(weights.type == arguments[0].type)
            return [weights]
        }[0]
    }

    @Test("Every weight is finite and not below 0, at every regular time of path and prediction", arguments: paths)
    func finite(path: String) throws {
        let path = try FlowsTests.path(path)
        let times = Predictions.registry.members.map { prediction in
            VelocityField(AffineField(), path: path, prediction: prediction).regularTimes.grid(101)
        }
        for type in [ElementType.float32, .float64] {
            let results = try evaluate(times.map { HostArray($0, [101, 1, 1, 1], type) }) { arguments in
                zip(Predictions.registry.members, arguments).flatMap { prediction, time in
                    let c = path.coefficients(at: time)
                    return Weightings.registry.members.map { weighting in
                        let one = Tensor(1, shape: time.shape, elementType: type)
                        let weights = weighting.weights(c, of: prediction) ?? one
                        #expect(weights.type == time.type)
                        return weights
                    }
                }
            }
            let names = Predictions.registry.names.flatMap { prediction in
                Weightings.registry.names.map { "\($0) of \(prediction)" }
            }
            for (name, weights) in zip(names, results) {
                let isPossible = weights.allSatisfy { $0.isFinite && $0 >= 0 }
                #expect(isPossible && weights.contains { $0 > 0 }, "\(name): \(weights)")
            }
        }
    }

    @Test("min-SNR is min(SNR, gamma) / SNR for noise", arguments: paths, [0.5, 5, 40])
    func noise(path: String, gamma: Double) throws {
        var minimum = MinimumSNRWeighting()
        minimum.gamma = gamma
        let times = (0.01...0.99).grid(50)
        let expected = try ratios(path, at: times).map { min($0, gamma) / $0 }
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

    @Test("An error counts the same whatever is predicted, unless it is the output's own", arguments: paths)
    func invariance(path: String) throws {
        let path = try FlowsTests.path(path)
        let counts = try evaluate(HostArray((0.05...0.95).grid(19), [19], .float64)) { arguments in
            let c = path.coefficients(at: arguments[0])
            let weighted = Weightings.registry.members.map { weighting in
                Predictions.registry.members.compactMap { prediction in
                    weighting.weights(c, of: prediction).map { $0 / prediction.dataErrorScale(c).squared() }
                }
            }
            #expect(weighted.allSatisfy { $0.isEmpty || $0.count == Predictions.registry.members.count })
            // Beside each, that of the first prediction.
            return weighted.flatMap { same in same.flatMap { [$0, same[0]] } }
        }
        #expect(!counts.isEmpty)
        for index in stride(from: 0, to: counts.count, by: 2) {
            #expect(worstDifference(counts[index], counts[index + 1]) < 1e-9)
        }
    }

    @Test("Under its own weight the velocity counts 1, the noise 1, the data 1", arguments: paths)
    func own(path: String) throws {
        let times = (0.05...0.95).grid(19)
        for (kind, prediction) in [("velocity", "velocity"), ("noise", "noise"), ("data", "data")] {
            let weights = try weights(weighting(kind), path, prediction, at: times, .float64)
            #expect(worstDifference(weights, times.map { _ in 1 }) < 1e-12)
        }
    }

    /// alpha^2 / beta^2
    private func ratios(_ path: String, at times: [Double]) throws -> [Double] {
        let path = try FlowsTests.path(path)
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
