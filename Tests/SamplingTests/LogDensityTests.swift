import Compute
import Flows
import Formats
import Foundation
import Sampling
import Settings
import StableHLO
import Tensors
import TestSupport
import Testing

/// Data whose density is known, followed along its exact velocity field.
@Suite("Log-densities against closed forms", .needsPlugin)
struct LogDensityTests {
    /// A mixture of isotropic Gaussians and the velocity of its probability flow.
    private struct Mixture {
        let weights: [Double]
        /// One list a component.
        let means: [[Double]]
        let deviations: [Double]
        var path: any ProbabilityPath = LinearPath()

        func logDensity(_ x: [Double]) -> Double {
            let terms = weights.indices.map { k in
                let square = zip(x, means[k]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                let variance = deviations[k] * deviations[k]
                return log(weights[k]) - square / (2 * variance) - Double(x.count) / 2 * log(2 * Double.pi * variance)
            }
            let most = terms.max() ?? 0
            return most + log(terms.reduce(0) { $0 + exp($1 - most) })
        }

        /// alpha' E[z | x] + beta' E[eps | x], each component counting by its responsibility.
        func velocity(_ x: Tensor, _ time: Tensor) -> Tensor {
            let column = time.rank == 0 ? time : time.reshaped(to: [time.shape[0], 1])
            let c = path.coefficients(at: column)
            var parts: [(velocity: Tensor, exponent: Tensor)] = []
            for (weight, (mean, deviation)) in zip(weights, zip(means, deviations)) {
                let spread = deviation * deviation
                let variance = c.alpha.squared() * spread + c.beta.squared()
                let center = Tensor.concatenated(
                    mean.map { Tensor($0, shape: [1, 1], elementType: x.elementType) }, along: 1)
                let apart = x - c.alpha * center
                let data = center + (c.alpha * spread / variance) * apart
                let noise = (c.beta / variance) * apart
                let square = apart.squared().sum(along: [1], keepingDimensions: true)
                let exponent = log(weight) - 0.5 * square / variance - Double(mean.count) / 2 * log(variance)
                parts.append((c.alphaDerivative * data + c.betaDerivative * noise, exponent))
            }
            let most = parts.dropFirst().reduce(parts[0].exponent) { $0.maximum($1.exponent) }
            let shares = parts.map { exp($0.exponent - most) }
            let sum = shares.dropFirst().reduce(shares[0]) { $0 + $1 }
            let total = zip(parts, shares).map { $0.velocity * ($1 / sum) }
            return total.dropFirst().reduce(total[0]) { $0 + $1 }
        }
    }

    private func logDensities(
        _ mixture: Mixture, at points: [[Double]], _ divergence: any DivergenceEstimate, _ solver: any Solver,
        steps: Int = 1, _ elementType: ElementType = .float64, seed: UInt64 = 0, first: Int = 0
    ) throws -> LogDensity.Values {
        let engine = try Engine.shared
        let type = TensorType([points.count, points[0].count], elementType)
        let density = try LogDensity(
            divergence, solver, times: UniformGrid().times(steps: steps), points: type, constants: [], on: engine
        ) { _ in mixture.velocity }
        let array = try HostArray(points.flatMap { $0 }, type.shape, elementType).array(on: engine.device)
        return try density(array, constants: [], seed: seed, first: first)
    }

    private func adaptive(_ tolerance: Double) -> DormandPrince {
        var solver = DormandPrince()
        (solver.relativeTolerance, solver.absoluteTolerance) = (tolerance, tolerance)
        return solver
    }

    private static func golden() throws -> (mixture: Mixture, points: [[Double]], logDensity: [Double]) {
        let url = try #require(
            Bundle.module.url(forResource: "likelihood", withExtension: "safetensors", subdirectory: "Goldens"))
        let file = try SafetensorsFile(contentsOf: url)
        func numbers(_ name: String) throws -> [Double] { try file.tensor(name).values(as: Double.self) }
        func pairs(_ name: String) throws -> [[Double]] {
            let list = try numbers(name)
            return stride(from: 0, to: list.count, by: 2).map { Array(list[$0..<$0 + 2]) }
        }
        let mixture = Mixture(
            weights: try numbers("weights"), means: try pairs("means"), deviations: try numbers("deviations"))
        return (mixture, try pairs("x1"), try numbers("log_density"))
    }

    @Test(
        "A mixture in the plane, beside torchdiffeq's points, by adaptive steps, in either precision",
        arguments: [
            ElementType.float64, .float32,
        ])
    func mixture(_ elementType: ElementType) throws {
        let golden = try LogDensityTests.golden()
        let values = try logDensities(
            golden.mixture, at: golden.points, ExactDivergence(), adaptive(1e-6), elementType)
        for (estimates, expected) in zip(values.estimates, golden.logDensity) {
            #expect(abs(estimates[0] - expected) < 1e-4)
        }
        for (point, expected) in zip(golden.points, golden.logDensity) {
            #expect(abs(golden.mixture.logDensity(point) - expected) < 1e-9)
        }
    }

    @Test("A Gaussian of many dimensions on other paths, by fixed steps", arguments: ["linear", "cosine"])
    func gaussian(_ path: String) throws {
        let mean = (0..<6).map { 0.3 * Double($0) - 1 }
        var gaussian = Mixture(weights: [1], means: [mean], deviations: [0.6])
        gaussian.path = try #require(ProbabilityPaths.registry[path])
        let points = [mean, mean.map { $0 + 0.4 }, mean.map { -$0 }]
        let values = try logDensities(gaussian, at: points, ExactDivergence(), ClassicalRungeKutta(), steps: 60)
        for (estimates, point) in zip(values.estimates, points) {
            #expect(abs(estimates[0] - gaussian.logDensity(point)) < 1e-4)
        }
        #expect(values.evaluations == 240)
    }

    /// J of an isotropic Gaussian is a multiple of the identity, of which each v of -1 and 1 gives the exact trace.
    @Test(
        "Random vectors of -1 and 1 lose nothing where the Jacobian is diagonal; normal ones do, and are right on average"
    )
    func hutchinson() throws {
        let gaussian = Mixture(weights: [1], means: [[0.5, -0.5, 0, 1]], deviations: [0.7])
        let points = [[0.1, 0.2, 0.3, 0.4], [-1, 0.5, 0, 1]]
        var estimate = HutchinsonDivergence()
        estimate.probes = 3
        let exact = points.map(gaussian.logDensity)
        let signs = try logDensities(gaussian, at: points, estimate, adaptive(1e-6))
        for (estimates, expected) in zip(signs.estimates, exact) {
            #expect(estimates.count == 3 && estimates.allSatisfy { abs($0 - expected) < 1e-4 })
        }
        (estimate.probes, estimate.distribution) = (400, .gaussian)
        let normal = try logDensities(gaussian, at: points, estimate, ClassicalRungeKutta(), steps: 8)
        for (estimates, expected) in zip(normal.estimates, exact) {
            let mean = estimates.reduce(0, +) / 400
            let deviation = (estimates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 399).squareRoot()
            #expect(deviation > 0.1 && abs(mean - expected) < 4 * deviation / 20)
        }
    }

    @Test(
        "Both kinds agree on a field without symmetry, and the exact one is its trace",
        arguments: DivergenceEstimates.registry.names)
    func laws(_ kind: String) throws {
        var estimate = try #require(DivergenceEstimates.registry[kind])
        if var hutchinson = estimate as? HutchinsonDivergence {
            hutchinson.probes = 4096
            estimate = hutchinson
        }
        // u_i = sum_j a_ij sin(x_j) x_i: the trace is sum_i a_ii cos(x_i) x_i + sum_ij a_ij sin(x_j).
        let matrix = (0..<9).map { Double(($0 * 7) % 5) / 5 - 0.3 }
        let x = [0.3, -0.8, 1.1, 0.2, 0.5, -0.4]
        let values = try evaluate(HostArray(x, [2, 3], .float64), HostArray(matrix, [3, 3], .float64)) { arguments in
            let point = arguments[0]
            let rows = (0..<3).map { i in
                (sin(point) * arguments[1].sliced(i..<i + 1, along: 0)).sum(along: [1], keepingDimensions: true)
            }
            let velocity = Tensor.concatenated(rows, along: 1) * point
            let random = RandomStream(seed: Tensor(integer: 4, elementType: .uint64))
            let all = estimate.divergences(of: velocity, at: point) {
                random.stream($0).normal([2, 3], elementType: .float64)
            }
            return [all.mean(along: [1])]
        }[0]
        for image in 0..<2 {
            let point = Array(x[image * 3..<image * 3 + 3])
            var expected = 0.0
            for i in 0..<3 {
                expected += matrix[i * 3 + i] * cos(point[i]) * point[i]
                for j in 0..<3 { expected += matrix[i * 3 + j] * sin(point[j]) }
            }
            #expect(abs(values[image] - expected) < (estimate.isRandom ? 0.05 : 1e-9))
        }
        #expect(estimate.isRandom == (estimate.estimates > 1))
    }

    @Test("A point's estimates depend on seed and number alone")
    func independence() throws {
        let golden = try LogDensityTests.golden()
        let points = Array(golden.points.prefix(4))
        func estimates(_ points: [[Double]], seed: UInt64 = 7, first: Int = 0) throws -> [[Double]] {
            try logDensities(
                golden.mixture, at: points, HutchinsonDivergence(), adaptive(1e-4), seed: seed, first: first
            ).estimates
        }
        let all = try estimates(points)
        #expect(try estimates(Array(points[2...]), first: 2) == Array(all[2...]))
        #expect(try estimates(points, seed: 8) != all)
    }

    @Test("There and back is where it began, for every solver without noise", arguments: Solvers.registry.names)
    func inversion(_ kind: String) throws {
        let golden = try LogDensityTests.golden()
        let registered = try #require(Solvers.registry[kind])
        let solver: any Solver = registered.tolerance == nil ? registered : adaptive(1e-7)
        let type = TensorType([golden.points.count, 2], .float64)
        let engine = try Engine.shared
        func integrator() throws -> FlowIntegrator {
            try FlowIntegrator(
                "inversion", solver, times: UniformGrid().times(steps: 200), constants: [], state: [type], on: engine
            ) { _ in { [golden.mixture.velocity($0[0], $1)] } }
        }
        guard !solver.isStochastic else {
            #expect(throws: SamplingError.freshNoise) { try integrator() }
            return
        }
        let (start, followed) = (golden.points.flatMap { $0 }, try integrator())
        let data = try HostArray(start, type.shape, .float64).array(on: engine.device)
        let noise = try followed.integrate([data], constants: [], .toNoise)
        let back = try followed.integrate(noise.state, constants: [], .toData)
        let worst = zip(try back.state[0].values(as: Double.self), start).map { abs($0 - $1) }.max() ?? .infinity
        #expect(worst < (solver.order == 1 ? 0.2 : 1e-2) && worst > 0)
        #expect(noise.evaluations > 0)
    }
}
