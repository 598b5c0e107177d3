package import Charts
public import Compute
import Flows
import Measurements
import Sampling
public import Settings
public import Training

/// How near each solver comes, for how many evaluations, to where the flow of a trained run leads: the images of the same
/// noise by 1,000 evaluations of the classical Runge-Kutta method.
///
/// Solvers that add noise lead elsewhere, and are no part of it.
public struct SolverStudy: Sendable {
    /// A solver with so many steps, or with such a tolerance.
    public struct Measurement: Sendable {
        /// The solver's name.
        public let solver: String
        /// How often the network was evaluated for an image.
        public let evaluations: Int
        /// The root mean square difference of a pixel from the reference; pixels are from -1 to 1.
        public let distance: Double
    }

    private let run: SamplingRun

    private static let referenceSteps = 250
    private static let evaluationBudgets = [4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 120]
    private static let tolerances = [1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 1e-4]

    /// Opens a run.
    ///
    /// - Throws: ``TrainingError``, ``SettingsError``, ``SamplingRunError``
    public init(
        _ folder: RunFolder, changes: [Assignment] = [], checkpoint: Int? = nil, on engine: () throws -> Engine
    ) throws {
        run = try SamplingRun(folder, changes: changes, checkpoint: checkpoint, on: engine)
    }

    /// A solver as it is tried: its name in the chart, and the grids of times.
    private struct Candidate {
        let name: String
        let solver: any Solver
        let steps: [Int]
    }

    private static var candidates: [[Candidate]] {
        Solvers.registry.members.filter { !$0.isStochastic }.flatMap { solver -> [[Candidate]] in
            let name = solver.kindName
            guard var adaptive = solver as? DormandPrince else { return [[fixed(name, solver)]] }
            let byTolerance = tolerances.map { tolerance in
                (adaptive.relativeTolerance, adaptive.absoluteTolerance) = (tolerance, tolerance)
                return Candidate(name: "\(name), adaptive", solver: adaptive, steps: [1])
            }
            adaptive.adaptive = false
            return [byTolerance, [fixed("\(name), equal steps", adaptive)]]
        }
    }

    private static func fixed(_ name: String, _ solver: any Solver) -> Candidate {
        let steps = Set(evaluationBudgets.map { $0 / solver.evaluationsPerStep }).subtracting([0])
        return Candidate(name: name, solver: solver, steps: steps.sorted())
    }

    /// Measures all solvers at a guidance scale.
    ///
    /// - Parameters:
    ///   - scale: the guidance scale
    ///   - perClass: images of each label
    ///   - onProgress: told how many measurements of how many are done
    /// - Returns: those of a solver one after another, fewest evaluations first
    public func measure(
        guidance scale: Double, perClass: Int, onProgress: (Int, Int) -> Void
    ) throws -> [Measurement] {
        let labels = (0..<run.network.classCount).flatMap { [Int](repeating: $0, count: perClass) }
        func images(_ solver: any Solver, steps: Int) throws -> Trajectory {
            let sampler = try Sampler(
                run.configuration.velocityField(of: run.network), guidance: run.configuration.guidance, solver: solver,
                weaker: run.weaker, on: run.engine)
            return try sampler.sample(
                SamplingRequest(labels: labels, guidance: scale), weights: run.weights,
                times: UniformGrid().times(steps: steps), seed: run.configuration.sampling.seed)
        }
        let candidates = SolverStudy.candidates
        let total = candidates.joined().reduce(1) { $0 + $1.steps.count }
        let reference = try images(ClassicalRungeKutta(), steps: SolverStudy.referenceSteps).images
        var done = 1
        onProgress(done, total)
        var measurements: [Measurement] = []
        for group in candidates {
            var own: [Measurement] = []
            for candidate in group {
                for steps in candidate.steps {
                    let drawn = try images(candidate.solver, steps: steps)
                    let squares = zip(drawn.images, reference).reduce(0.0) { sum, pair in
                        sum + Double(pair.0 - pair.1) * Double(pair.0 - pair.1)
                    }
                    own.append(
                        Measurement(
                            solver: candidate.name, evaluations: drawn.evaluations,
                            distance: (squares / Double(reference.count)).squareRoot()))
                    done += 1
                    onProgress(done, total)
                }
            }
            measurements += own.sorted { $0.evaluations < $1.evaluations }
        }
        return measurements
    }

    /// Evaluations against distance, a line for each solver, both on logarithmic axes.
    package static func chart(_ measurements: [Measurement], guidance scale: Double) -> LineChart {
        var names: [String] = []
        for measurement in measurements where !names.contains(measurement.solver) { names.append(measurement.solver) }
        let series = names.enumerated().map { index, name in
            LineSeries(
                name: name, color: .series(index),
                points: measurements.filter { $0.solver == name }.map {
                    CurvePoint(x: Double($0.evaluations), y: $0.distance)
                })
        }
        let weight = DecimalText.exact(scale)
        return LineChart(
            title: "How near solvers come, guidance \(weight)",
            summary:
                "Distance of images from those of 1,000 evaluations, by network evaluations, of \(WordList.text(names)).",
            xAxis: Axis(label: "Network evaluations an image", scale: .logarithmic),
            yAxis: Axis(label: "Distance from 1,000 evaluations, RMS of a pixel", scale: .logarithmic), series: series)
    }
}
