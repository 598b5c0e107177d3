import Compute
import Flows
import Foundation
import Sampling
import Settings
import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Adaptive integration", .needsPlugin)
struct AdaptiveIntegratorTests {
    private static let kinds = Solvers.registry.members.filter { $0.tolerance != nil }.map { type(of: $0).name }

    private func steps(_ kind: String, _ tolerance: Double) throws -> AdaptiveSteps {
        let method = try #require(Solvers.registry[kind] as? any RungeKutta)
        return AdaptiveSteps(type(of: method).tableau, ErrorTolerance(relative: tolerance, absolute: tolerance))
    }

    /// x' = -factor (x - cos t) for rows of two numbers and y' = x summed, so that two tensors move together.
    private func integrator(_ steps: AdaptiveSteps, rows: Int, _ type: ElementType) throws -> AdaptiveIntegrator {
        try AdaptiveIntegrator(
            "test", steps, constants: [TensorType([rows], type)],
            state: [TensorType([rows, 2], type), TensorType([rows], type)], on: Engine.shared
        ) { constants in
            let factor = constants[0].reshaped(to: [rows, 1])
            return { state, time in
                let forcing = cos(time).reshaped(to: [rows, 1])
                return [factor * (forcing - state[0]), state[0].sum(along: [1])]
            }
        }
    }

    private func exact(_ x: Double, _ factor: Double, _ time: Double) -> Double {
        let scale = factor / (factor * factor + 1)
        func particular(_ t: Double) -> Double { scale * (factor * cos(t) + sin(t)) }
        return particular(time) + (x - particular(0)) * exp(-factor * time)
    }

    private func integrate(
        _ kind: String, _ tolerance: Double, _ rows: [(x: [Double], factor: Double)], from: Double = 0, to: Double = 1,
        _ type: ElementType = .float64
    ) throws -> (x: [Double], sums: [Double], evaluations: Int) {
        let device = try Engine.shared.device
        let count = rows.count
        let integrator = try integrator(steps(kind, tolerance), rows: count, type)
        let result = try integrator.integrate(
            [
                HostArray(rows.flatMap(\.x), [count, 2], type).array(on: device),
                HostArray([Double](repeating: 0, count: count), [count], type).array(on: device),
            ], constants: [HostArray(rows.map(\.factor), [count], type).array(on: device)], from: from, to: to)
        return (try result.state[0].numbers(), try result.state[1].numbers(), result.evaluations)
    }

    private static let rows: [(x: [Double], factor: Double)] = [([1, -2], 1), ([0.5, 3], 20), ([-1, 0], 0.1)]

    @Test("The error follows the tolerance, and exactness costs evaluations", arguments: kinds)
    func tolerance(kind: String) throws {
        var last = 0
        for tolerance in [1e-3, 1e-6, 1e-9] {
            let result = try integrate(kind, tolerance, AdaptiveIntegratorTests.rows)
            let expected = AdaptiveIntegratorTests.rows.flatMap { row in row.x.map { exact($0, row.factor, 1) } }
            #expect(worstDifference(result.x, expected) < 20 * tolerance)
            #expect(result.evaluations > last)
            last = result.evaluations
        }
    }

    @Test("A row becomes what it becomes alone, at its own cost", arguments: kinds)
    func alone(kind: String) throws {
        let together = try integrate(kind, 1e-5, AdaptiveIntegratorTests.rows)
        var dearest = 0
        for (index, row) in AdaptiveIntegratorTests.rows.enumerated() {
            let alone = try integrate(kind, 1e-5, [row])
            #expect(worstDifference(alone.x, Array(together.x[2 * index..<2 * index + 2])) < 1e-12)
            #expect(worstDifference(alone.sums, [together.sums[index]]) < 1e-12)
            dearest = max(dearest, alone.evaluations)
        }
        #expect(together.evaluations == dearest)
    }

    @Test("The way back leads to the beginning, also in float32", arguments: kinds)
    func back(kind: String) throws {
        let rows: [(x: [Double], factor: Double)] = [([1, -2], 1), ([0.5, 3], 2)]
        for (type, tolerance) in [(ElementType.float64, 1e-9), (.float32, 1e-5)] {
            let there = try integrate(kind, tolerance, rows, to: 0.75, type)
            let middle = [0, 1].map { (Array(there.x[2 * $0..<2 * $0 + 2]), rows[$0].factor) }
            let back = try integrate(kind, tolerance, middle, from: 0.75, to: 0, type)
            #expect(worstDifference(back.x, rows.flatMap(\.x)) < 100 * tolerance)
            #expect(zip(back.sums, there.sums).allSatisfy { abs($0 + $1) < 100 * tolerance })
        }
    }

    @Test("No way costs nothing, and a velocity that is not a number is told", arguments: kinds)
    func degenerate(kind: String) throws {
        let still = try integrate(kind, 1e-5, [([1, 2], 1)], from: 0.5, to: 0.5)
        #expect(still.x == [1, 2] && still.evaluations == 0)
        #expect(throws: SamplingError.self) { try integrate(kind, 1e-5, [([1, .nan], 1), ([1, 2], 1)]) }
    }
}
