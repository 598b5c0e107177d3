import Foundation
import Measurements

/// An evaluation as lines of text: each figure with its interval and the floor.
package struct EvaluationTable {
    package let lines: [String]

    package init(_ evaluation: Evaluation) {
        let (quality, floor) = (evaluation.quality, evaluation.floor.real)
        var rows = [["figure", "value", "95 % interval", "floor"]]
        func add(_ name: String, _ figure: Figure?, _ floor: Figure?, _ format: String) {
            guard let figure else { return }
            let text = { String(format: format, $0 as Double) }
            rows.append([
                name, text(figure.value), "\(text(figure.interval[0])) to \(text(figure.interval[1]))",
                floor.map { text($0.value) } ?? "-",
            ])
        }
        add("Frechet distance, test", quality.frechet, floor.frechet, "%.4f")
        add("Frechet distance, train", quality.frechetTrain, floor.frechetTrain, "%.4f")
        add("kernel distance, test", quality.kernel, floor.kernel, "%.5f")
        add("kernel distance, train", quality.kernelTrain, floor.kernelTrain, "%.5f")
        add("precision", quality.precision, floor.precision, "%.4f")
        add("recall", quality.recall, floor.recall, "%.4f")
        add("density", quality.density, floor.density, "%.4f")
        add("coverage", quality.coverage, floor.coverage, "%.4f")
        add("class accuracy", quality.accuracy, floor.accuracy, "%.4f")
        add("entropy of the classes, nats", quality.classEntropy, floor.classEntropy, "%.4f")
        add("class entropy score", quality.classEntropyScore, floor.classEntropyScore, "%.4f")
        if let bits = evaluation.bitsPerDimension {
            let text = { String(format: "%.4f", $0 as Double) }
            rows.append([
                "bits per dimension, test", text(bits.value),
                "\(text(bits.interval[0])) to \(text(bits.interval[1]))", "-",
            ])
        }
        let made = quality.frechet.madeWith
        var lines = EvaluationTable.aligned(rows)
        lines.append("")
        if let classes = quality.accuracyByClass {
            let shares = classes.enumerated().map { "\($0): " + ($1.map { String(format: "%.3f", $0) } ?? "-") }
            lines.append("accuracy by class: \(shares.joined(separator: "  "))")
        }
        if let nearest = quality.nearest {
            func text(_ distances: [Double]) -> String {
                distances.map { String(format: "%.3f", $0) }.joined(separator: " ")
            }
            let shares = NeighbourDistances.shares.map { DecimalText.exact($0 * 100) }.joined(separator: ", ")
            lines.append("distance to the nearest training image, quantiles at \(shares) %:")
            lines.append("  generated \(text(nearest.quantiles))")
            lines.append("  test      \(text(nearest.testQuantiles))")
            lines.append(
                String(
                    format: "nearer than 99 %% of the test images are: %.2f %% (1 %% where nothing is copied)",
                    100 * nearest.shareOfNearCopies))
        }
        lines.append(
            String(
                format: "two halves of the test split: Frechet distance %.4f", evaluation.floor.halvesOfTest.value))
        if let bits = evaluation.bitsPerDimension?.madeWith {
            lines.append(
                "bits per dimension of \(DecimalText.grouped(bits.images)) images of \(bits.reference), \(bits.dimensions) "
                    + "dimensions; comparable with those of models of the same size alone")
        }
        lines.append(
            "\(DecimalText.grouped(made.images)) images, \(evaluation.evaluationsPerImage) network evaluations each; "
                + "features of \(made.features), checksum \(made.featuresChecksum.prefix(12))")
        self.lines = lines
    }

    private static func aligned(_ rows: [[String]]) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - text.count)
                return column == 0 ? text + space : space + text
            }.joined(separator: "   ")
        }
    }
}
