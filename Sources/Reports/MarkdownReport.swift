import Foundation
public import Measurements

/// A study as Markdown (GitHub's dialect), its charts and pictures beside it.
public enum MarkdownReport {
    /// The page of a study.
    public static func render(_ study: Study) -> String {
        let outcome = ReportOutcome(study)
        let day = study.date.formatted(.iso8601.year().month().day())
        var parts = [
            "# \(escaped(study.title))", (study.topics + [day]).map(escaped).joined(separator: " · "),
            escaped(outcome.sentences.joined(separator: " ")),
        ]
        if !study.findings.isEmpty {
            parts += ["## How sure", escaped(HTMLReport.findingsNote)]
            parts.append(study.findings.map { "- \(escaped($0.sentence))." }.joined(separator: "\n"))
        }
        let grouped = study.grouped
        parts += ["## Results", results(ResultsTable(grouped), study)]
        parts += notes("What the figures were made with:", grouped.basisNotes(of: ""))
        parts += notes("Not comparable with the \(study.reference?.name ?? "") figures:", study.caveatNotes)
        if let table = RunsTable(study) { parts += ["## Runs", runs(table)] }
        for part in study.reportSections { parts += section(part, study) }
        parts += ["## Reproduce", codeBlock(study.command)]
        let differences = DifferencesTable(study).rows
        if !differences.isEmpty {
            let rows = differences.map { tableRow([$0.setting, $0.value, $0.subjects]) }
            parts.append("### What is not the same for all")
            parts.append(
                ([tableRow(["setting", "value", "of"]), "| --- | --- | --- |"] + rows).joined(separator: "\n"))
        }
        parts += ["### What is the same for all", list(study.configuration)]
        parts += ["### Made with", list(study.environment)]
        if let reference = study.reference { parts.append(escaped(reference.note)) }
        return parts.joined(separator: "\n\n") + "\n"
    }

    private static func results(_ table: ResultsTable, _ study: Study) -> String {
        let rows = table.rows.map { row in
            let name = row.detail.isEmpty ? row.name : "\(row.name), \(row.detail)"
            let cells = row.cells.map { cell in
                cell.value + (cell.reference.map { " (\(study.reference?.name ?? "") \($0))" } ?? "")
                    + (cell.floor.map { " (floor \($0))" } ?? "")
            }
            return tableRow([name] + cells)
        }
        return ([tableRow([""] + table.subjects), tableRule(columns: table.subjects.count)] + rows)
            .joined(separator: "\n")
    }

    private static func runs(_ table: RunsTable) -> String {
        let heads = table.columns.map { [$0.name, $0.detail].filter { !$0.isEmpty }.joined(separator: ", ") }
        let rows = table.rows.map { row in tableRow([row.name] + row.cells.map(\.text)) }
        return ([tableRow(["run"] + heads), tableRule(columns: heads.count)] + rows).joined(separator: "\n")
    }

    private static func notes(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : [escaped(title), lines.map { "- \(escaped($0))" }.joined(separator: "\n")]
    }

    private static func section(_ section: ReportSection, _ study: Study) -> [String] {
        var parts = ["## \(escaped(section.title))"]
        if !section.introduction.isEmpty { parts.append(escaped(section.introduction)) }
        if let table = section.table {
            parts.append(results(table, study))
            parts += notes("What the figures were made with:", study.grouped.basisNotes(of: section.title))
        }
        parts += section.lines.flatMap(chart)
        if !section.groups.isEmpty { parts.append(pictures(section.groups, study)) }
        return parts + section.bars.flatMap(chart)
    }

    private static func chart(_ chart: ReportChart) -> [String] {
        ["![\(escaped(chart.title))](\(chart.fileName).svg)"]
            + (chart.caption.isEmpty ? [] : [escaped(chart.caption)])
    }

    /// A row a group, a column a subject that has pictures.
    private static func pictures(_ groups: [ReportSection.PictureGroup], _ study: Study) -> String {
        let subjects = Set(groups.flatMap(\.pictures).map(\.subject)).sorted()
        let rows = groups.map { group in
            let cells = subjects.map { subject in
                group.pictures.filter { $0.subject == subject }
                    .map { "![\(escaped($0.picture.summary))](\(escaped($0.picture.file)))" }.joined(separator: " ")
            }
            return "| \(escaped(group.title)) | \(cells.joined(separator: " | ")) |"
        }
        return
            ([tableRow([""] + subjects.map { study.subjects[$0].name }), tableRule(columns: subjects.count)] + rows)
            .joined(separator: "\n")
    }

    private static func list(_ facts: [Fact]) -> String {
        ([tableRow(["name", "value"]), "| --- | --- |"] + facts.map { tableRow([$0.name, $0.value]) })
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
