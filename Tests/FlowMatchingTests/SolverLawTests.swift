import FlowMatching
import Foundation
import Settings
import StableHLO
import TestSupport
import Testing
import Tracing

@Suite("Solvers", .needsPlugin)
struct SolverLawTests {
    static let kinds = Solvers.registry.names
    static let tableaus = Solvers.registry.members.compactMap { $0 as? any RungeKutta }.map { type(of: $0).name }

    @Test("The error falls with the power of the step that the order says", arguments: kinds)
    func order(kind: String) throws {
        let solver = try solver(kind)
        // dx/dt = x cos(t) has the solution x0 exp(sin(t)); no method's leading error cancels on it.
        let counts = [16, 32, 64]
        let exact = exp(sin(1.0))
        let errors = try counts.map { steps in
            let end = try evaluate(HostArray([1], [1], .float64), HostArray([Double(steps)], [], .int32)) {
                [solver.integrate($0[0], steps: $0[1]) { x, time in x * cos(time) }]
            }[0][0]
            return abs(end - exact)
        }
        // The slope of log error over log step, by least squares.
        let (x, y) = (counts.map { -log(Double($0)) }, errors.map { log($0) })
        let (meanX, meanY) = (x.reduce(0, +) / 3, y.reduce(0, +) / 3)
        var (covariance, variance) = (0.0, 0.0)
        for (x, y) in zip(x, y) {
            covariance += (x - meanX) * (y - meanY)
            variance += (x - meanX) * (x - meanX)
        }
        let slope = covariance / variance
        #expect(abs(slope - Double(solver.order)) < 0.25, "\(slope), errors \(errors)")
    }

    @Test("A constant field is integrated exactly, and without steps nothing moves", arguments: kinds)
    func constant(kind: String) throws {
        let solver = try solver(kind)
        let results = try evaluate(HostArray([1, -2], [2])) { arguments in
            [
                solver.integrate(arguments[0], steps: Tensor(integer: 0)) { x, _ in x },
                solver.integrate(arguments[0], steps: Tensor(integer: 8)) { x, _ in Tensor(3, shape: x.shape) },
                solver.step(arguments[0], from: Tensor(0.25), to: Tensor(0.75)) { x, _ in Tensor(-2, shape: x.shape) },
            ]
        }
        #expect(results == [[1, -2], [4, 1], [0, -3]])
    }

    @Test("A way taken in two parts is the way taken at once", arguments: kinds)
    func parts(kind: String) throws {
        let solver = try solver(kind)
        let results = try evaluate(HostArray([1, -2], [2], .float64), HostArray([3], [], .int32)) { arguments in
            func velocity(_ x: Tensor, _ time: Tensor) -> Tensor { x * time - 0.5 }
            let (all, middle) = (Tensor(integer: 7), arguments[1])
            let half = solver.integrate(arguments[0], steps: all, first: Tensor(integer: 0), last: middle, velocity)
            return [
                solver.integrate(half, steps: all, first: middle, last: all, velocity),
                solver.integrate(arguments[0], steps: all, velocity),
            ]
        }
        #expect(results[0] == results[1])
    }

    @Test("A step asks for as many velocities as it says, at times within", arguments: kinds)
    func evaluations(kind: String) throws {
        let solver = try solver(kind)
        var times: [Tensor] = []
        let results = try evaluate(HostArray([1], [1]), HostArray([0.25], []), HostArray([0.75], [])) { arguments in
            times = []
            _ = solver.step(arguments[0], from: arguments[1], to: arguments[2]) { x, time in
                times.append(time)
                return x
            }
            return times
        }
        #expect(times.count == solver.evaluationsPerStep)
        #expect(results.allSatisfy { (0.25...0.75).contains($0[0]) })
    }

    @Test("A tableau satisfies the conditions of its order", arguments: tableaus)
    func conditions(kind: String) throws {
        let method = try #require(solver(kind) as? any RungeKutta)
        let tableau = type(of: method).tableau
        let (b, c, a) = (tableau.weights, tableau.nodes, tableau.matrix)
        func sum(_ terms: [Double]) -> Double { terms.reduce(0, +) }
        func off(_ value: Double, _ expected: Double) -> Bool { abs(value - expected) > 1e-12 }
        let stages = b.indices
        #expect(!off(sum(b), 1))
        for i in stages { #expect(!off(sum(a[i]), c[i])) }
        func inner(_ f: (Int) -> Double) -> [Double] { stages.map { i in sum(a[i].indices.map { a[i][$0] * f($0) }) } }
        if method.order >= 2 { #expect(!off(sum(stages.map { b[$0] * c[$0] }), 1 / 2)) }
        if method.order >= 3 {
            #expect(!off(sum(stages.map { b[$0] * c[$0] * c[$0] }), 1 / 3))
            let ac = inner { c[$0] }
            #expect(!off(sum(stages.map { b[$0] * ac[$0] }), 1 / 6))
        }
        if method.order >= 4 {
            let (ac, ac2) = (inner { c[$0] }, inner { c[$0] * c[$0] })
            let aac = inner { ac[$0] }
            #expect(!off(sum(stages.map { b[$0] * c[$0] * c[$0] * c[$0] }), 1 / 4))
            #expect(!off(sum(stages.map { b[$0] * c[$0] * ac[$0] }), 1 / 8))
            #expect(!off(sum(stages.map { b[$0] * ac2[$0] }), 1 / 12))
            #expect(!off(sum(stages.map { b[$0] * aac[$0] }), 1 / 24))
        }
        #expect(method.order == tableau.order && method.evaluationsPerStep == stages.count)
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
        await #expect(processExitsWith: .success) {
            _ = ButcherTableau(nodes: [0, 1], matrix: [[], [1]], weights: [0.5, 0.5], order: 2)
        }
    }

    @Test("Euler's method on dx/dt = a x + b t has its closed form", arguments: [1, 2, 10, 99])
    func euler(steps: Int) throws {
        let results = try evaluate(HostArray([1, -2], [2], .float64), HostArray([Double(steps)], [], .int32)) {
            [Euler().integrate($0[0], steps: $0[1]) { x, time in -0.7 * x + 2 * time }]
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
                [Euler().integrate($0[0], steps: Tensor(integer: steps)) { x, _ in x }]
            }[0][0]
        }
        let errors = ends.map { 2.718281828459045 - $0 }
        #expect(abs(errors[0] / errors[1] - 2) < 0.03)
    }
}
