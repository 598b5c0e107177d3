import Flows
import Foundation
import Sampling
import Settings
import StableHLO
import Tensors

/// A mixture's `weights`, `means`, `deviations`, and `x0`; PATH/SOLVER/STEPS: the state at t = 1 after equal steps in its
/// velocity field; PATH/exact; metadata `dopri5`: what torchdiffeq's adaptive method needs and misses at a tolerance.
enum SolversCheck: ToolboxCheck {
    static let kind = "solvers"

    static func comparisons(_ file: ToolboxFile, _ evaluator: Evaluator) throws -> [Comparison] {
        let mixture = try file.mixture()
        let start = try file.array("x0")
        let steps = try file.parts.filter { $0.count == 3 }.flatMap { parts -> [Comparison] in
            let name = parts.joined(separator: "/")
            guard let path = try? file.path(parts[0]), let solver = solver(parts[1]), let steps = Int(parts[2]),
                steps > 0
            else { return [unknown("path, solver and number of steps", name)] }
            return try Precision.both(1e-4, 1e-9).map { precision in
                let results = try evaluator([start], precision.type) { arguments in
                    [solver.integrate(arguments[0], steps: steps) { mixture.velocity($0, at: $1, along: path) }]
                }
                return precision.compare(name, results[0], try file.array(name))
            }
        }
        return try steps + adaptive(file, mixture, evaluator)
    }

    /// A Runge-Kutta method with steps of a grid.
    private static func solver(_ name: String) -> (any RungeKutta)? {
        Solvers.registry[name == "dopri5" ? DormandPrince.name : name] as? any RungeKutta
    }

    /// The end of the way by steps of adaptive length, to float64's exactness and at torchdiffeq's tolerances.
    private static func adaptive(
        _ file: ToolboxFile, _ mixture: GaussianMixture, _ evaluator: Evaluator
    ) throws -> [Comparison] {
        let start = try file.array("x0")
        func end(_ path: any ProbabilityPath, _ tolerance: Double, shape: [Int]) throws -> (Values, evaluations: Int) {
            let steps = AdaptiveSteps(
                DormandPrince.tableau, ErrorTolerance(relative: tolerance, absolute: tolerance))
            let type = TensorType(shape, .float64)
            let integrator = try AdaptiveIntegrator(
                "verify", steps, constants: [], state: [type], on: evaluator.engine
            ) { _ in
                { state, time in
                    let x = state[0].reshaped(to: start.shape)
                    let times = shape == start.shape ? time : time.reshaped(to: [])
                    return [mixture.velocity(x, at: times, along: path).reshaped(to: shape)]
                }
            }
            let result = try integrator.integrate(
                [evaluator.array(Values(start.numbers, shape), .float64)], constants: [], from: 0, to: 1)
            return (try evaluator.values(result.state[0]), result.evaluations)
        }
        var comparisons: [Comparison] = []
        for parts in file.parts where parts.count == 2 && parts[1] == "exact" {
            let name = parts.joined(separator: "/")
            guard let path = try? file.path(parts[0]) else {
                comparisons.append(unknown("path", name))
                continue
            }
            let exact = try file.array(name)
            // The reference's own steps, of order 8 at a tolerance of 1e-11, miss as much.
            comparisons.append(
                Precision(type: .float64, tolerance: 1e-7).compare(
                    "\(name) by adaptive steps", try end(path, 1e-12, shape: start.shape).0, exact))
            // As torchdiffeq does, the batch as one state: a row. Its last step goes beyond the end and is interpolated, so
            // that errors are alike, not the same.
            for (tolerance, known) in references(file, parts[0]) {
                let (state, evaluations) = try end(path, tolerance, shape: [1] + start.shape)
                let error = zip(state.numbers, exact.numbers).map { abs($0 - $1) }.max() ?? .infinity
                comparisons.append(
                    Comparison(
                        "\(parts[0]) at \(tolerance): error, \(evaluations) evaluations, torchdiffeq \(Int(known[0]))",
                        error: error, tolerance: 5 * known[1]))
            }
        }
        return comparisons
    }

    /// By tolerance: torchdiffeq's evaluations and largest error on a path.
    private static func references(_ file: ToolboxFile, _ path: String) -> [(Double, [Double])] {
        let text = file.metadata["dopri5"] ?? ""
        guard let brace = text.firstIndex(of: "{"),
            let table = try? JSONDecoder().decode([String: [Double]].self, from: Data(text[brace...].utf8))
        else { return [] }
        return table.filter { $0.key.hasPrefix(path + ".") && $0.value.count == 2 }.compactMap { key, value in
            Double(key.dropFirst(path.count + 1)).map { ($0, value) }
        }.sorted { $0.0 > $1.0 }
    }
}
