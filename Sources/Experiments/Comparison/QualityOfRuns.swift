import Basis
import Measurements

/// What evaluations say of several runs, as a report shows it: figures that were not made alike never stand in one row
/// without a mark, nor in one chart.
struct QualityOfRuns {
    let runs: [MeasuredRun]
    /// What all evaluations were drawn with.
    private let shared: [String: String]
    /// What the images of most runs were drawn with: all figures are shown of these.
    private let main: [String: String]

    /// What the faint line of a chart means.
    static let floor = "the floor"

    /// Nil where no run was evaluated.
    init?(_ runs: [MeasuredRun]) {
        self.runs = runs.filter { !$0.evaluations.isEmpty }
        let all = self.runs.flatMap(\.evaluations).map(\.drawing)
        guard let first = all.first else { return nil }
        shared = first.filter { key, value in all.allSatisfy { $0[key] == value } }
        let counts = all.uniqued.map { drawing in (drawing, all.count { $0 == drawing }) }
        let most = counts.map(\.1).max() ?? 0
        main = counts.first { $0.1 == most }?.0 ?? first
    }

    /// What ranks runs by their images; nil where no run has it.
    var distance: Quantity? { frechet(main) }

    /// The features that figures were made with, each once.
    var features: [String] {
        runs.flatMap(\.evaluations).map {
            "\($0.quality.frechet.madeWith.features): \($0.quality.frechet.madeWith.featuresChecksum)"
        }
        .uniqued
    }

    var introduction: String {
        let alike = DrawingText(shared).text
        let hasOthers = runs.flatMap(\.evaluations).contains { $0.drawing != main }
        return
            "Figures of drawn images, as flowmatch evaluate computes them; behind ± their 95 % interval, and over seeds "
            + "that of the mean. The floor is the same figure of real images in their place."
            + (alike.isEmpty ? "" : " All were drawn with: \(alike).")
            + (hasOthers
                ? " Of images that were drawn otherwise the Frechet distance alone stands here; the rest is in each run's "
                    + "evaluation.json." : "")
    }

    /// The figures of a run.
    func readings(of run: MeasuredRun) -> [Reading] {
        // The last of each drawing counts; an older checkpoint's stands behind it.
        run.evaluations.map(\.drawing).uniqued.flatMap { drawing -> [Reading] in
            guard let evaluation = run.evaluations.first(where: { $0.drawing == drawing }) else { return [] }
            let (quality, floor) = (evaluation.quality, evaluation.floor.real)
            let distance = reading(frechet(drawing), quality.frechet, floor.frechet, evaluation, run)
            guard drawing == main else { return [distance] }
            let figures: [(String, String, String, Direction, Figure?, Figure?)] = [
                (
                    "frechet-train", "Frechet distance", "to the training split", .lowerIsBetter, quality.frechetTrain,
                    floor.frechetTrain
                ),
                ("kernel", "kernel distance", "to the test split", .lowerIsBetter, quality.kernel, floor.kernel),
                (
                    "kernel-train", "kernel distance", "to the training split", .lowerIsBetter, quality.kernelTrain,
                    floor.kernelTrain
                ),
                ("precision", "precision", "", .higherIsBetter, quality.precision, floor.precision),
                ("recall", "recall", "", .higherIsBetter, quality.recall, floor.recall),
                ("density", "density", "", .higherIsBetter, quality.density, floor.density),
                ("coverage", "coverage", "", .higherIsBetter, quality.coverage, floor.coverage),
                ("accuracy", "class accuracy", "", .higherIsBetter, quality.accuracy, floor.accuracy),
                ("class-entropy", "entropy of the classes", "nats", .neutral, quality.classEntropy, floor.classEntropy),
                (
                    "class-entropy-score", "class entropy score", "", .higherIsBetter, quality.classEntropyScore,
                    floor.classEntropyScore
                ),
            ]
            return [distance]
                + figures.compactMap { id, name, detail, direction, figure, floor in
                    guard let figure else { return nil }
                    let quantity = Quantity(
                        id, name: name, detail: [detail, own(drawing)].filter { !$0.isEmpty }.joined(separator: ", "),
                        direction: direction, form: .decimal, section: Section.quality)
                    return reading(quantity, figure, floor, evaluation, run)
                }
                + (evaluation.bitsPerDimension.map { [reading($0, evaluation, run)] } ?? [])
        }
    }

    private func reading(_ bits: LikelihoodFigure, _ evaluation: Evaluation, _ run: MeasuredRun) -> Reading {
        let made = bits.madeWith
        let quantity = Quantity(
            "bits-per-dimension", name: "likelihood", detail: "of real images, bits per dimension",
            direction: .lowerIsBetter, form: .decimal, section: Section.quality)
        let parts = [
            "\(DecimalText.grouped(made.images)) images of \(made.reference), checksum \(made.dataChecksum.prefix(12))",
            "\(made.dimensions) dimensions, resize: \(made.resize)", made.settings.joined(separator: " "),
            evaluation.checkpointText(of: run),
        ]
        return Reading(
            quantity, bits.value, uncertainty: (bits.interval[1] - bits.interval[0]) / 2,
            basis: parts.filter { !$0.isEmpty }.joined(separator: ", "))
    }

    private func frechet(_ drawing: [String: String]) -> Quantity {
        let detail = ["to the test split", own(drawing)].filter { !$0.isEmpty }.joined(separator: ", ")
        let id = drawing == main ? "frechet" : "frechet-\(own(drawing))"
        let bars = Quantity.Bars(title: "Frechet distance \(detail)", section: Section.quality, digits: 4)
        return Quantity(
            id, name: "Frechet distance", detail: detail, direction: .lowerIsBetter, form: .decimal,
            section: Section.quality, praise: drawing == main ? "drew best by Frechet distance" : "",
            bars: drawing == main ? bars : nil)
    }

    /// What tells a drawing from the others.
    private func own(_ drawing: [String: String]) -> String {
        DrawingText(drawing.filter { shared[$0.key] != $0.value }).text
    }

    private func reading(
        _ quantity: Quantity, _ figure: Figure, _ floor: Figure?, _ evaluation: Evaluation, _ run: MeasuredRun
    ) -> Reading {
        let isFew = floor.map { $0.madeWith.images != figure.madeWith.images } ?? false
        let parts = [
            figure.madeWith.text, evaluation.checkpointText(of: run), "interval by \(figure.intervalBy)",
            isFew ? "floor of \(DecimalText.grouped(floor?.madeWith.images ?? 0)) images" : "",
        ]
        return Reading(
            quantity, figure.value, uncertainty: (figure.interval[1] - figure.interval[0]) / 2, floor: floor?.value,
            basis: parts.filter { !$0.isEmpty }.joined(separator: ", "))
    }
}
