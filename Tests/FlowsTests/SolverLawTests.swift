import Flows
import Foundation
import Settings
import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Solvers", .needsPlugin)
struct SolverLawTests {
    static let kinds = Solvers.registry.names
    static let tableaus = Solvers.registry.members.compactMap { $0 as? any RungeKutta }.map { type(of: $0).name }

    /// The distribution N(mean, deviation^2) of one number, and its velocity along the cosine path.
    private static let (mean, deviation) = (0.7, 0.4)

    private static func velocity(_ x: Tensor, _ time: Tensor) -> Tensor {
        let c = CosinePath().coefficients(at: time)
        let variance = (c.alpha * deviation).squared() + c.beta.squared()
        let apart = x - c.alpha * mean
        let data = mean + c.alpha * (deviation * deviation) / variance * apart
        return c.alphaDerivative * data + c.betaDerivative * (c.beta / variance * apart)
    }

    @Test("The error falls with the power of the step that the order says, of what is not stochastic", arguments: kinds)
    func order(kind: String) throws {
        let solver = try solver(kind)
        guard !solver.isStochastic else { return }
        // dx/dt = x cos(t) has the solution x0 exp(sin(t)); no method's leading error cancels on it.
        let counts = [16, 32, 64]
        let exact = exp(sin(1.0))
        let errors = try evaluate(HostArray([1], [1], .float64)) { arguments in
            counts.map { steps in
                integrated(
                    solver, arguments[0], steps: steps, first: Tensor(integer: 0), last: Tensor(integer: steps)
                ) { x, time in x * cos(time) }
            }
        }.map { abs($0[0] - exact) }
        let slope = slope(counts, errors)
        #expect(abs(slope - Double(solver.order)) < 0.25, "\(slope), errors \(errors)")
    }

    /// Of log error over log step, by least squares.
    private func slope(_ counts: [Int], _ errors: [Double]) -> Double {
        let (x, y) = (counts.map { -log(Double($0)) }, errors.map { log($0) })
        let (meanX, meanY) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
        var (covariance, spread) = (0.0, 0.0)
        for (x, y) in zip(x, y) {
            covariance += (x - meanX) * (y - meanY)
            spread += (x - meanX) * (x - meanX)
        }
        return covariance / spread
    }

    @Test(
        "The error of the distribution falls at least with the power of the step that the order says", arguments: kinds)
    func weakOrder(kind: String) throws {
        let solver = try solver(kind)
        let counts = solver.order > 3 ? [8, 16, 32] : [32, 64, 128]
        let errors = try counts.map { steps in
            // Of a linear field every step is affine in state and noise, so that three ways tell what it does to mean
            // and variance: from 0, from 1, and from 0 with noise.
            let flow = ProbabilityFlow(along: CosinePath()) { [SolverLawTests.velocity($0[0], $1)] }
            var (mean, variance) = (0.0, 1.0)
            let starts = HostArray(
                (0..<steps).flatMap { step in (0..<3).map { _ in Double(step) / Double(steps) } },
                [3 * steps], .float64)
            let x = HostArray((0..<steps).flatMap { _ in [0, 1, 0] }, [3 * steps], .float64)
            let noise = HostArray((0..<steps).flatMap { _ in [0, 0, 1] }, [3 * steps], .float64)
            let ends = try evaluate(x, starts, noise) { arguments in
                solver.step(
                    [arguments[0]], from: arguments[1], to: arguments[1] + 1 / Double(steps), flow,
                    noise: { [arguments[2]] })
            }[0]
            for step in 0..<steps {
                let (origin, one, noisy) = (ends[3 * step], ends[3 * step + 1], ends[3 * step + 2])
                mean = origin + (one - origin) * mean
                variance = (one - origin) * (one - origin) * variance + (noisy - origin) * (noisy - origin)
            }
            let exact = SolverLawTests.deviation
            return abs(mean - SolverLawTests.mean) + abs(variance - exact * exact)
        }
        let slope = slope(counts, errors)
        #expect(slope > Double(solver.order) - 0.3, "\(slope), errors \(errors)")
    }

    /// A way over equal steps on the device, with noise of the step's number.
    private func integrated(
        _ solver: any Solver, _ x: Tensor, steps: Int, first: Tensor, last: Tensor,
        _ velocity: @escaping (Tensor, Tensor) -> Tensor
    ) -> Tensor {
        let times = Tensor.iota([steps + 1], elementType: x.elementType) / Double(max(steps, 1))
        return solver.integrate(
            [x], times: times, first: first, last: last, ProbabilityFlow { [velocity($0[0], $1)] }
        ) {
            [
                (RandomStream(seed: Tensor(integer: 3, elementType: .uint64)).stream($0).normal(
                    x.shape, elementType: x.elementType))
            ]
        }[0]
    }

    @Test("A way without steps leads nowhere; taken in two parts it is the way taken at once", arguments: kinds)
    func parts(kind: String) throws {
        let solver = try solver(kind)
        let results = try evaluate(HostArray([1, -2], [2], .float64), HostArray([3], [], .int32)) { arguments in
            func velocity(_ x: Tensor, _ time: Tensor) -> Tensor { x * time - 0.5 }
            let (none, all, middle) = (Tensor(integer: 0), Tensor(integer: 7), arguments[1])
            func way(_ x: Tensor, _ first: Tensor, _ last: Tensor) -> Tensor {
                integrated(solver, x, steps: 7, first: first, last: last, velocity)
            }
            let half = way(arguments[0], none, middle)
            return [way(half, middle, all), way(arguments[0], none, all), way(arguments[0], middle, middle)]
        }
        #expect(results[0] == results[1] && results[0] != [1, -2])
        #expect(results[2] == [1, -2])
    }

    @Test("What is not stochastic asks for no noise, integrates a constant exactly, and leads back", arguments: kinds)
    func deterministic(kind: String) throws {
        let solver = try solver(kind)
        var asked = 0
        let results = try evaluate(HostArray([1, -2], [2], .float64)) { arguments in
            func step(_ x: Tensor, _ from: Double, _ to: Double, _ velocity: @escaping (Tensor, Tensor) -> Tensor)
                -> Tensor
            {
                solver.step(
                    [x], from: Tensor(from, elementType: .float64), to: Tensor(to, elementType: .float64),
                    ProbabilityFlow { [velocity($0[0], $1)] }
                ) {
                    asked += 1
                    return [x]
                }[0]
            }
            let there = step(arguments[0], 0.5, 0.501) { x, time in x * time }
            return [
                step(arguments[0], 0.25, 0.75) { x, _ in x * 0 - 2 }, step(there, 0.501, 0.5) { x, time in x * time },
            ]
        }
        #expect((asked > 0) == solver.isStochastic)
        guard !solver.isStochastic else { return }
        #expect(worstDifference(results[0], [0, -3]) < 1e-12)
        #expect(worstDifference(results[1], [1, -2]) < 1e-6)
    }

    @Test("A step asks for as many velocities as it says, at times within", arguments: kinds)
    func evaluations(kind: String) throws {
        let solver = try solver(kind)
        var times: [Tensor] = []
        let results = try evaluate(HostArray([1], [1]), HostArray([0.25], []), HostArray([0.75], [])) { arguments in
            times = []
            _ = solver.step(
                [arguments[0]], from: arguments[1], to: arguments[2],
                ProbabilityFlow { state, time in
                    times.append(time)
                    return state
                }, noise: { [arguments[0]] })
            return times
        }
        #expect(times.count == solver.evaluationsPerStep)
        #expect(results.allSatisfy { (0.25...0.75).contains($0[0]) })
    }

    @Test("Rows at times of their own move as they do alone, and several tensors as one", arguments: kinds)
    func rows(kind: String) throws {
        let solver = try solver(kind)
        let x = HostArray([1, -2, 0.5, 3], [2, 2], .float64)
        let results = try evaluate(x, HostArray([0.25, 0.5], [2], .float64)) { arguments in
            func step(_ state: [Tensor], _ from: Tensor) -> [Tensor] {
                solver.step(
                    state, from: from, to: from + 0.125,
                    ProbabilityFlow { state, time in
                        state.map { $0 * (time.rank == 0 ? time : time.reshaped(to: [time.shape[0], 1])) }
                    }, noise: { state })
            }
            let (x, times) = (arguments[0], arguments[1])
            let alone = (0..<2).map { row in
                step([x.sliced(row..<row + 1, along: 0)], times.rows(at: Tensor(integer: row)))[0]
            }
            let columns = step(x.split(into: 2, along: 1), times)
            return [step([x], times)[0], .concatenated(alone, along: 0), .concatenated(columns, along: 1)]
        }
        #expect(worstDifference(results[0], results[1]) < 1e-12 && worstDifference(results[0], results[2]) < 1e-12)
    }

    @Test(
        "A tableau satisfies the quadrature conditions of its order, its embedded method those of the order below",
        arguments: tableaus)
    func conditions(kind: String) throws {
        let method = try #require(solver(kind) as? any RungeKutta)
        let tableau = type(of: method).tableau
        func check(_ weights: [Double], _ order: Int) {
            for power in 0..<order {
                let sum = zip(weights, tableau.nodes).reduce(0.0) { sum, term in
                    sum + term.0 * (0..<power).reduce(1.0) { p, _ in p * term.1 }
                }
                #expect(abs(sum - 1 / Double(power + 1)) < 1e-12)
            }
        }
        check(tableau.weights, tableau.order)
        if let embedded = tableau.embeddedWeights { check(embedded, tableau.order - 1) }
        for (row, node) in zip(tableau.matrix, tableau.nodes) { #expect(abs(row.reduce(0, +) - node) < 1e-12) }
        #expect(method.order == tableau.order && method.evaluationsPerStep == tableau.evaluations)
        #expect(method.tolerance == nil || tableau.embeddedWeights != nil)
    }

    @Test("Coefficients that are not of the order they claim, or not explicit, are a programmer's mistake")
    func refused() async {
        await #expect(processExitsWith: .failure) {
            _ = ButcherTableau(nodes: [0, 0.5], matrix: [[], [0.5]], weights: [0.5, 0.5], order: 2)
        }
        await #expect(processExitsWith: .failure) {
            _ = ButcherTableau(nodes: [0, 1], matrix: [[], [0.5]], weights: [0.5, 0.5], order: 1)
        }
        await #expect(processExitsWith: .failure) {
            _ = ButcherTableau(nodes: [0.5], matrix: [[0.5]], weights: [1], order: 1)
        }
        await #expect(processExitsWith: .failure) {
            _ = ButcherTableau(
                nodes: [0, 1], matrix: [[], [1]], weights: [0.5, 0.5], embeddedWeights: [0.5, 0.6], order: 2)
        }
        await #expect(processExitsWith: .success) {
            _ = ButcherTableau(nodes: [0, 1], matrix: [[], [1]], weights: [0.5, 0.5], order: 2)
        }
    }

    @Test("Euler's method on dx/dt = a x + b t has its closed form", arguments: [1, 2, 10, 99])
    func euler(steps: Int) throws {
        let results = try evaluate(HostArray([1, -2], [2], .float64)) {
            [Euler().integrate($0[0], steps: steps) { x, time in -0.7 * x + 2 * time }]
        }
        let h = 1 / Double(steps)
        let expected = [1, -2].map { start in
            (0..<steps).reduce(start) { x, index in x + h * (-0.7 * x + 2 * Double(index) * h) }
        }
        #expect(worstDifference(results[0], expected) < 1e-12)
        // Of the homogeneous part the closed form is (1 - 0.7 h)^n.
        let difference = results[0][0] - results[0][1]
        #expect(abs(difference - 3 * (0..<steps).reduce(1) { power, _ in power * (1 - 0.7 * h) }) < 1e-12)
    }

    @Test("A step of Euler's method takes the velocity at its beginning, and halving it halves the error")
    func eulerStep() throws {
        let step = try evaluate(HostArray([1, -2], [2])) {
            [Euler().step($0[0], from: Tensor(0.25), to: Tensor(0.75)) { x, time in x * time }]
        }
        #expect(step == [[1.125, -2.25]])
        let ends = try [64, 128].map { steps in
            try evaluate(HostArray([1], [1], .float64)) {
                [Euler().integrate($0[0], steps: steps) { x, _ in x }]
            }[0][0]
        }
        let errors = ends.map { 2.718281828459045 - $0 }
        #expect(abs(errors[0] / errors[1] - 2) < 0.03)
    }
}
