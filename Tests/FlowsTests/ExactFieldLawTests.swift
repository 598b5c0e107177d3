import Flows
import Settings
import StableHLO
import Tensors
import TestSupport
import Testing

/// Samples drawn through fields that are known in closed form.
@Suite("Exact fields", .needsPlugin)
struct ExactFieldLawTests {
    private static let gaussian = GaussianMixture(weights: [1], means: [[0.5, -1]], deviations: [0.6])
    private static let mixture = GaussianMixture(
        weights: [0.3, 0.7], means: [[-1, 0.5], [1, 0]], deviations: [0.4, 0.7])

    @Test(
        "Every solver reaches the data's mean and covariance on every path", arguments: ProbabilityPaths.registry.names,
        [gaussian, mixture])
    func moments(kind: String, data: GaussianMixture) throws {
        let path = try path(kind)
        let (count, steps) = (4096, 96)
        let solvers = Solvers.registry.members
        let results = try evaluate(HostArray([7], [], .uint64)) { arguments in
            let random = RandomStream(seed: arguments[0])
            let noise = random.stream("start").normal([count, 2], elementType: .float64)
            let times = Tensor.iota([steps + 1], elementType: .float64) / Double(steps)
            let latest = Tensor(path.regularTimes.upperBound, elementType: .float64)
            let flow = ProbabilityFlow(along: path) { state, time in
                [data.velocity(state[0], at: time.minimum(latest), along: path)]
            }
            return solvers.map { solver in
                let x = solver.integrate(
                    [noise], times: times, first: Tensor(integer: 0), last: Tensor(integer: steps), flow
                ) { [random.stream("step").stream($0).normal([count, 2], elementType: .float64)] }[0]
                let mean = x.mean(along: [0], keepingDimensions: true)
                let apart = x - mean
                let covariance = apart.transposed().matmul(apart) / Double(count)
                return .concatenated([mean.reshaped(to: [2]), covariance.reshaped(to: [4])], along: 0)
            }
        }
        var expected = [Double](repeating: 0, count: 6)
        for (weight, mean) in zip(data.weights, data.means) {
            for axis in 0..<2 { expected[axis] += weight * mean[axis] }
        }
        for (weight, (mean, deviation)) in zip(data.weights, zip(data.means, data.deviations)) {
            for a in 0..<2 {
                for b in 0..<2 {
                    let spread = a == b ? deviation * deviation : 0
                    expected[2 + 2 * a + b] += weight * (spread + (mean[a] - expected[a]) * (mean[b] - expected[b]))
                }
            }
        }
        for (solver, moments) in zip(solvers, results) {
            // Four standard errors of a mean of 4096 are 0.06 standard deviations.
            let worst = zip(moments, expected).map { abs($0 - $1) }.max() ?? .infinity
            #expect(worst < 0.08, "\(type(of: solver).name): \(moments), not \(expected)")
        }
    }

    @Test("A density's logarithm is that of its Gaussians")
    func density() throws {
        let results = try evaluate(HostArray([0.5, -1, 1.1, -1], [2, 2], .float64)) {
            [ExactFieldLawTests.gaussian.logDensity($0[0]), ExactFieldLawTests.mixture.logDensity($0[0])]
        }
        let peak = -1.8378770664093453 - 2 * -0.5108256237659907
        #expect(worstDifference(results[0], [peak, peak - 0.5]) < 1e-12)
        #expect(results[1].allSatisfy { $0 < 0 && $0 > -10 })
    }
}
