import Foundation

/// A report as Markdown (GitHub's dialect), its pictures beside it.
public enum MarkdownReport {
    /// The page of a report.
    public static func render(_ report: ExperimentReport) -> String {
        let figures = ReportFigures(report)
        let outcome = ReportOutcome(report)
        let day = report.date.formatted(.iso8601.year().month().day())
        let place = [report.configuration.dataSet, day, report.environment.device].map(escaped)
        var parts = [
            "# \(escaped(report.title))", place.joined(separator: " · "),
            escaped(outcome.sentences.joined(separator: " ")), "## Results", results(report),
        ]
        parts += report.comparabilityNotes.map { note in
            "Not comparable with the published losses: \(escaped(note.models)) "
                + "(\(escaped(note.reasons.joined(separator: "; "))))."
        }
        parts += section("Loss", figures.loss) + samples(report)
        parts += section("Held-out loss", figures.heldOut) + section("Speed", figures.speed)
        parts += ["## Reproduce", codeBlock(report.command), "### Configuration", list(report.configurationRows)]
        parts += ["### Made with", list(report.environmentRows)]
        return parts.joined(separator: "\n\n") + "\n"
    }

    private static func results(_ report: ExperimentReport) -> String {
        let table = ResultsTable(report)
        let rows = table.rows.map { row in
            let name = row.unit.isEmpty ? row.name : "\(row.name), \(row.unit)"
            let cells = row.cells.map { cell in
                cell.value + (cell.published.map { " (published \($0))" } ?? "")
            }
            return tableRow([name] + cells)
        }
        let rule = tableRule(columns: table.models.count)
        return ([tableRow([""] + table.models), rule] + rows).joined(separator: "\n")
    }

    private static func section(_ title: String, _ figures: [ReportFigure]) -> [String] {
        guard !figures.isEmpty else { return [] }
        return ["## \(title)"]
            + figures.flatMap { figure in
                ["![\(figure.name)](\(figure.name).svg)"] + (figure.caption.isEmpty ? [] : [figure.caption])
            }
    }

    private static func samples(_ report: ExperimentReport) -> [String] {
        guard !report.guidances.isEmpty else { return [] }
        let models = report.models.filter { !$0.samples.isEmpty }
        let rows = report.guidances.map { guidance in
            let pictures = models.map { model in
                model.samples.filter { $0.guidance == guidance }
                    .map { "![guidance \(FigureText.weight(guidance))](\(escaped($0.file)))" }.joined(separator: " ")
            }
            return "| \(FigureText.weight(guidance)) | \(pictures.joined(separator: " | ")) |"
        }
        return [
            "## Samples",
            "A row for each label, 0 to 9; the last row is drawn without a label. All models start from the same noise "
                + "in the same cell.",
            ([tableRow(["guidance"] + models.map(\.name)), tableRule(columns: models.count)] + rows)
                .joined(separator: "\n"),
        ]
    }

    private static func list(_ settings: [ReportSetting]) -> String {
        ([tableRow(["name", "value"]), "| --- | --- |"] + settings.map { tableRow([$0.name, $0.value]) })
            .joined(separator: "\n")
    }

    private static func tableRow(_ cells: [String]) -> String {
        "| \(cells.map(escaped).joined(separator: " | ")) |"
    }

    private static func tableRule(columns: Int) -> String {
        "| --- |" + String(repeating: " ---: |", count: columns)
    }

    /// A fence longer than any run of backticks in the text keeps the text inside.
    private static func codeBlock(_ text: String) -> String {
        let longest = text.split(whereSeparator: { $0 != "`" }).map(\.count).max() ?? 0
        let fence = String(repeating: "`", count: max(3, longest + 1))
        return "\(fence)sh\n\(text)\n\(fence)"
    }

    /// Text that Markdown shows as it is: on one line, no character of it taken for markup.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            if character.isNewline || character == "\t" {
                result += " "
            } else if "\\`*_[]<>|#!~&".contains(character) {
                result += "\\\(character)"
            } else {
                result.append(character)
            }
        }
        return result
    }
}
