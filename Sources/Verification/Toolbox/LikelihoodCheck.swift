import Flows
import Sampling
import StableHLO

/// A mixture's `weights`, `means`, `deviations`, and `x1`; `log_density`, its own; `numerical/PATH`, the integral of the
/// divergence along the flow of a path. All in nats.
enum LikelihoodCheck: ToolboxCheck {
    static let kind = "likelihood"

    static func comparisons(_ file: ToolboxFile, _ evaluator: Evaluator) throws -> [Comparison] {
        let (mixture, points, reference) = try (file.mixture(), file.array("x1"), file.array("log_density"))
        guard points.shape.count == 2, points.shape[0] > 0, points.shape[1] == mixture.dimension,
            reference.numbers.count == points.shape[0]
        else { throw file.error("x1", "is no row for each of 'log_density' and no point of the mixture") }
        let closed = try Precision.both(1e-5, 1e-9).map { precision in
            let here = try evaluator([points], precision.type) { [mixture.logDensity($0[0])] }
            return precision.compare("log_density", here[0], reference)
        }
        // Every path's flow leads to the same density.
        let paths = file.cases(of: "numerical").map { $0.joined(separator: "/") }
        return try closed
            + (paths.isEmpty ? ["linear"] : paths).flatMap { name -> [Comparison] in
                guard let path = try? file.path(name) else { return [unknown("path", "numerical/\(name)")] }
                let here = try integrated(points, mixture, along: path, evaluator)
                let numerical = "numerical/\(name)"
                let references =
                    [("log_density", reference)]
                    + (file.holds(numerical) ? [(numerical, try file.array(numerical))] : [])
                return references.map { quantity, reference in
                    let errors = zip(here, reference.numbers).map { abs($0 - $1) }
                    let isWhole = reference.numbers.count == here.count && errors.allSatisfy { !$0.isNaN }
                    return Comparison(
                        "\(quantity) along \(name), nats", error: isWhole ? errors.max() ?? .infinity : .infinity,
                        tolerance: 1e-4)
                }
            }
    }

    /// The log-density that the exact field of a mixture gives to points.
    private static func integrated(
        _ points: Values, _ mixture: GaussianMixture, along path: any ProbabilityPath, _ evaluator: Evaluator
    ) throws -> [Double] {
        var solver = DormandPrince()
        (solver.relativeTolerance, solver.absoluteTolerance) = (1e-7, 1e-7)
        let density = try LogDensity(
            ExactDivergence(), solver, times: [0, 1], points: TensorType(points.shape, .float64), constants: [],
            on: evaluator.engine
        ) { _ in { x, time in mixture.velocity(x, at: time, along: path) } }
        return try density(evaluator.array(points, .float64), constants: [], seed: 0, first: 0).estimates.map { $0[0] }
    }
}
