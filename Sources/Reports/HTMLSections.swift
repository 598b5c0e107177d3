import Charts
import Foundation
import Measurements

extension HTMLReport {
    /// The table of all readings, and below it what may not be compared.
    static func resultsSection(_ study: Study) -> String {
        """
        <section>
        <h2>Results</h2>
        \(table(ResultsTable(study), study, label: "Results"))\
        \(notes("What the figures were made with:", study.basisNotes(of: "")))\
        \(notes("Not comparable with the \(study.reference?.name ?? "") figures:", study.caveatNotes))\
        </section>

        """
    }

    /// A row a quantity, a column a subject.
    private static func table(_ table: ResultsTable, _ study: Study, label: String) -> String {
        let heads = table.subjects.enumerated().map { index, name in
            "<th scope=\"col\"><span class=\"dot\" \(mark(index))></span>\(escaped(name))</th>"
        }
        let reference = study.reference?.name ?? ""
        func second(_ kind: String, _ figure: String?) -> String {
            figure.map { "<small><span class=\"spoken\">\(escaped(kind)) </span>\(escaped($0))</small>" } ?? ""
        }
        let rows = table.rows.map { row in
            let detail = row.detail.isEmpty ? "" : "<small>\(escaped(row.detail))</small>"
            let cells = row.cells.map { cell in
                "<td>\(escaped(cell.value))\(second(reference, cell.reference))\(second("floor", cell.floor))</td>"
            }
            return "<tr><th scope=\"row\">\(escaped(row.name))\(detail)</th>\(cells.joined())</tr>"
        }
        let kinds = (table.hasReference ? ["the \(reference) figure"] : []) + (table.hasFloor ? ["the floor"] : [])
        let caption =
            kinds.isEmpty
            ? "<caption class=\"spoken\">\(escaped(label))</caption>"
            : "<caption>Grey, below: \(escaped(kinds.joined(separator: ", or "))).</caption>"
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="\(escaped(label))">
            <table>
            \(caption)
            <thead><tr><th scope="col"><span class="spoken">Figure</span></th>\(heads.joined())</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table>
            </div>

            """
    }

    private static func notes(_ title: String, _ lines: [String]) -> String {
        guard !lines.isEmpty else { return "" }
        let items = lines.map { "<li>\(escaped($0))</li>" }
        return "<p class=\"note\">\(escaped(title))</p>\n<ul class=\"notes note\">\(items.joined())</ul>\n"
    }

    /// A section of charts and pictures. Several bar charts stand side by side.
    static func section(
        _ section: ReportSection, _ study: Study, _ images: ReportImages
    ) throws(ReportError) -> String {
        var text = "<section>\n<h2>\(escaped(section.title))</h2>\n"
        let hint = "Choose a picture to enlarge it, and again to put it back."
        let introduction = [section.introduction, section.groups.isEmpty ? "" : hint].filter { !$0.isEmpty }
        if !introduction.isEmpty {
            text += "<p class=\"muted\">\(escaped(introduction.joined(separator: " ")))</p>\n"
        }
        if let own = section.table {
            text += table(own, study.grouped, label: section.title)
            text += notes("What the figures were made with:", study.grouped.basisNotes(of: section.title))
        }
        text += section.lines.map(figure).joined()
        let most = section.groups.map { Set($0.pictures.map(\.subject)).count }.max() ?? 0
        // In rows of equal length as far as that goes.
        let columns = most <= 4 ? most : most.isMultiple(of: 3) ? 3 : 4
        for group in section.groups {
            text += "<h3>\(escaped(group.title))</h3>\n<div class=\"grids\" style=\"--columns:\(columns)\">\n"
            for (subject, picture) in group.pictures {
                text += try figure(picture, subject: subject, study, images)
            }
            text += "</div>\n"
        }
        let bars = section.bars.map(figure).joined()
        text += section.bars.count > 1 ? "<div class=\"pair\">\n\(bars)</div>\n" : bars
        return text + "</section>\n"
    }

    private static func figure(
        _ picture: Picture, subject: Int, _ study: Study, _ images: ReportImages
    ) throws(ReportError) -> String {
        let data = Data(try images.png(picture.file)).base64EncodedString()
        let summary = escaped(picture.summary)
        return """
            <figure data-run="\(subject)"><figcaption><span class="dot" \(mark(study.group(of: subject)))></span>\
            \(escaped(study.subjects[subject].name))</figcaption>\
            <label class="zoom"><input type="checkbox" aria-label="Enlarge: \(summary)"><img alt="\(summary)" \
            src="data:image/png;base64,\(data)"></label></figure>

            """
    }

    private static func figure(_ chart: ReportChart) -> String {
        let caption = chart.caption.isEmpty ? "" : "<figcaption>\(escaped(chart.caption))</figcaption>"
        return """
            <figure>
            <div class="wide">\(chart.chart.svg(size: .wide))</div>
            <div class="narrow">\(chart.chart.svg(size: .narrow))</div>
            \(caption)
            </figure>

            """
    }
}
