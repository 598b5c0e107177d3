import FlowMatching
import Settings
import StableHLO
import TestSupport
import Testing
import Tracing

@Suite("Every path", .needsPlugin)
struct PathLawTests {
    /// alpha, beta and their derivatives at times, in float64.
    private func coefficients(_ kind: String, at times: [Double]) throws -> [[Double]] {
        let path = try path(kind)
        return try evaluate(HostArray(times, [times.count], .float64)) { arguments in
            let c = path.coefficients(at: arguments[0])
            return [c.alpha, c.beta, c.alphaDerivative, c.betaDerivative]
        }
    }

    @Test("has the derivatives that differences give", arguments: ProbabilityPaths.registry.names)
    func derivatives(kind: String) throws {
        let times = try path(kind).regularTimes.inset(0.001).grid(41)
        let step = 1e-5
        let here = try coefficients(kind, at: times)
        let shifted = try [-2.0, -1, 1, 2].map { shift in try coefficients(kind, at: times.map { $0 + shift * step }) }
        for index in 0..<2 {
            // Of order 4: a path may bend sharply near an end.
            let quotients = times.indices.map { time -> Double in
                let values = shifted.map { $0[index][time] }
                return (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step)
            }
            #expect(worstDifference(here[index + 2], quotients) < 1e-6)
        }
    }

    @Test("begins with noise and ends with data", arguments: ProbabilityPaths.registry.names)
    func ends(kind: String) throws {
        let results = try coefficients(kind, at: [0, 1])
        let (alpha, beta) = (results[0], results[1])
        #expect(abs(alpha[0]) < 0.01 && abs(beta[0] - 1) < 1e-3)
        #expect(abs(alpha[1] - 1) < 1e-6 && abs(beta[1]) < 1e-6)
    }

    @Test("is finite at all regular times, also in float32", arguments: ProbabilityPaths.registry.names)
    func finite(kind: String) throws {
        let path = try path(kind)
        let times = path.regularTimes.grid(33)
        let results = try evaluate(HostArray(times, [33])) { arguments in
            let c = path.coefficients(at: arguments[0])
            return [c.alpha, c.beta, c.alphaDerivative, c.betaDerivative]
        }
        #expect(results.joined().allSatisfy { $0.isFinite })
        #expect(try coefficients(kind, at: times).joined().allSatisfy { $0.isFinite })
        #expect((0...1).contains(path.regularTimes.lowerBound) && (0...1).contains(path.regularTimes.upperBound))
    }

    @Test("has ever more signal to its noise", arguments: ProbabilityPaths.registry.names)
    func rising(kind: String) throws {
        let results = try coefficients(kind, at: path(kind).regularTimes.inset(0.001).grid(101))
        let ratios = zip(results[0], results[1]).map { alpha, beta in alpha * alpha / (beta * beta) }
        #expect(zip(ratios, ratios.dropFirst()).allSatisfy { $0 < $1 })
        #expect(results[0].allSatisfy { $0 >= 0 } && results[1].allSatisfy { $0 >= 0 })
    }

    @Test("takes each image to its own time", arguments: ProbabilityPaths.registry.names)
    func points(kind: String) throws {
        let path = try path(kind)
        var generator = SeededGenerator(seed: 3)
        let times = path.regularTimes.inset(0.1).grid(3)
        let (data, noise) = (generator.array([3, 1, 1, 2]), generator.array([3, 1, 1, 2]))
        let results = try evaluate(data, noise, HostArray(times, [3], .float64)) {
            let point = path.point(data: $0[0], noise: $0[1], time: $0[2])
            return [point.x, point.velocity, point.time]
        }
        let c = try coefficients(kind, at: times)
        func combined(_ a: [Double], _ b: [Double]) -> [Double] {
            (0..<6).map { (index: Int) -> Double in
                a[index / 2] * data.values[index] + b[index / 2] * noise.values[index]
            }
        }
        #expect(worstDifference(results[0], combined(c[0], c[1])) < 1e-12)
        #expect(worstDifference(results[1], combined(c[2], c[3])) < 1e-12)
        #expect(results[2] == times)
    }

    @Test("On the linear path x_t = t z + (1 - t) eps and the velocity is z - eps, also at the ends")
    func linearPath() throws {
        let data = [1, 2, 3, 4, 5, 6.0]
        let noise = [-1, 0.5, 0, 2, -3, 1.0]
        let results = try evaluate(HostArray(data, [3, 2]), HostArray(noise, [3, 2]), HostArray([0, 0.5, 1], [3])) {
            let point = LinearPath().point(data: $0[0], noise: $0[1], time: $0[2])
            return [point.x, point.velocity, point.time]
        }
        #expect(results[0] == [-1, 0.5, 1.5, 3, 5, 6])
        #expect(results[1] == zip(data, noise).map { $0 - $1 })
        #expect(results[2] == [0, 0.5, 1])
    }

    @Test("The linear path's derivatives are exactly those of its coefficients")
    func linearDerivatives() throws {
        let results = try evaluate(HostArray([0, 0.3, 1], [3])) { arguments in
            let c = LinearPath().coefficients(at: arguments[0])
            let (alpha, beta) = (c.alpha.sum(), c.beta.sum())
            return [c.alphaDerivative, c.betaDerivative] + gradients(of: alpha, withRespectTo: arguments)
                + gradients(of: beta, withRespectTo: arguments) + [c.alpha + c.beta]
        }
        #expect(results[0] == results[2])
        #expect(results[1] == results[3])
        #expect(results[4] == [1, 1, 1])
    }
}
