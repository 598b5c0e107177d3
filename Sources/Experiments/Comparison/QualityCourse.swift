import Basis
import Measurements

extension QualityOfRuns {
    /// The Frechet distance of a run's images over what they cost, over the guidance scale, and along the training.
    func curves(of run: MeasuredRun) -> [Curve] {
        QualityCourse.allCases.flatMap { curves(of: run, over: $0) }
    }

    private func curves(of run: MeasuredRun, over course: QualityCourse) -> [Curve] {
        // What was made alike but for what the chart is about stands in one chart.
        let all = runs.flatMap { run in run.evaluations.map { course.basis(of: $0, run) } }
        let charts = all.map { $0.filter { course.isFixed($0.key) } }.uniqued.filter { chart in
            runs.contains { run in
                Set(
                    run.evaluations.filter { course.chart(of: $0, run) == chart }.map { course.place(of: $0) }
                ).count > 1
            }
        }
        return charts.enumerated().flatMap { index, chart -> [Curve] in
            let own = run.evaluations.filter { course.chart(of: $0, run) == chart }
            let everyone = runs.flatMap { run in
                run.evaluations.filter { course.chart(of: $0, run) == chart }.map { course.line(of: $0) }
            }.uniqued
            let told = charts.count > 1 ? chart.filter { key, value in charts.contains { $0[key] != value } } : [:]
            let plot = Plot(
                "frechet-\(course.rawValue)\(index == 0 ? "" : "-\(index + 1)")",
                title: ["Frechet distance over \(course.title)", DrawingText(told).text].filter { !$0.isEmpty }
                    .joined(separator: ", "),
                section: Section.quality, xAxis: course.axis,
                yAxis: Plot.Axis(label: "Frechet distance to the test split", isLogarithmic: true))
            return own.map { course.line(of: $0) }.uniqued.map { line in
                let mine = own.filter { course.line(of: $0) == line }
                    .sorted { course.place(of: $0) < course.place(of: $1) }
                let shared = line.filter { key, value in everyone.allSatisfy { $0[key] == value } }
                return Curve(
                    plot, name: DrawingText(line.filter { shared[$0.key] == nil }).text,
                    line: Curve.Line(
                        meaning: mine[0].quality.frechet.madeWith.text,
                        points: mine.map { CurvePoint(x: course.place(of: $0), y: $0.quality.frechet.value) }),
                    companion: Curve.Line(
                        meaning: QualityOfRuns.floor,
                        points: mine.map { CurvePoint(x: course.place(of: $0), y: $0.floor.real.frechet.value) }))
            }
        }
    }
}

/// What a Frechet distance is drawn over.
private enum QualityCourse: String, CaseIterable {
    case evaluations
    case guidance

    var title: String {
        switch self {
        case .evaluations: "the network's evaluations for an image"
        case .guidance: "the guidance scale"
        }
    }

    var axis: Plot.Axis {
        switch self {
        case .evaluations: Plot.Axis(label: "evaluations of the network for an image", isLogarithmic: true)
        case .guidance: Plot.Axis(label: "guidance scale")
        }
    }

    func place(of evaluation: Evaluation) -> Double {
        switch self {
        case .evaluations: Double(evaluation.evaluationsPerImage)
        case .guidance: Double(evaluation.settings["guidance.scale"] ?? "") ?? .nan
        }
    }

    /// Whether a setting is the same for all of a chart.
    func isFixed(_ key: String) -> Bool {
        switch self {
        case .evaluations: !(key == "sampling.steps" || key == "solver" || key.hasPrefix("solver."))
        case .guidance: key != "guidance.scale"
        }
    }

    /// All that a figure depends on.
    func basis(of evaluation: Evaluation, _ run: MeasuredRun) -> [String: String] {
        var basis = evaluation.drawing
        basis["features"] = evaluation.quality.frechet.madeWith.text
        basis["checkpoint"] = evaluation.checkpointText(of: run)
        return basis
    }

    func chart(of evaluation: Evaluation, _ run: MeasuredRun) -> [String: String] {
        basis(of: evaluation, run).filter { isFixed($0.key) }
    }

    /// What tells the lines of a run from each other.
    func line(of evaluation: Evaluation) -> [String: String] {
        switch self {
        case .evaluations: evaluation.drawing.filter { $0.key == "solver" || $0.key.hasPrefix("solver.") }
        case .guidance: [:]
        }
    }
}
