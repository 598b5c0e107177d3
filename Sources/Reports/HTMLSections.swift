import Charts
import Foundation
import Measurements

extension HTMLReport {
    /// The table of all readings, and below it what may not be compared.
    static func resultsSection(_ study: Study) -> String {
        let table = ResultsTable(study)
        let heads = table.subjects.enumerated().map { index, name in
            "<th scope=\"col\"><span class=\"dot\" \(mark(index))></span>\(escaped(name))</th>"
        }
        let reference = escaped(study.reference?.name ?? "")
        let rows = table.rows.map { row in
            let detail = row.detail.isEmpty ? "" : "<small>\(escaped(row.detail))</small>"
            let cells = row.cells.map { cell in
                let second = cell.reference.map { figure in
                    "<small><span class=\"spoken\">\(reference) </span>\(escaped(figure))</small>"
                }
                return "<td>\(escaped(cell.value))\(second ?? "")</td>"
            }
            return "<tr><th scope=\"row\">\(escaped(row.name))\(detail)</th>\(cells.joined())</tr>"
        }
        let caption = table.hasReference ? "<caption>Grey, second line: the \(reference) figure.</caption>\n" : ""
        return """
            <section>
            <h2>Results</h2>
            <div class="scroll" tabindex="0" role="region" aria-label="Results">
            <table>
            \(caption)<thead><tr><td></td>\(heads.joined())</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table>
            </div>
            \(notes("What the figures were made with:", study.basisNotes))\
            \(notes("Not comparable with the \(study.reference?.name ?? "") figures:", study.caveatNotes))\
            </section>

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
        text += section.lines.map(figure).joined()
        let columns = section.groups.map { Set($0.pictures.map(\.subject)).count }.max() ?? 0
        for group in section.groups {
            text += "<h3>\(escaped(group.title))</h3>\n<div class=\"grids\" style=\"--columns:\(columns)\">\n"
            for (subject, picture) in group.pictures {
                text += try figure(picture, subject: subject, study.subjects[subject].name, images)
            }
            text += "</div>\n"
        }
        let bars = section.bars.map(figure).joined()
        text += section.bars.count > 1 ? "<div class=\"pair\">\n\(bars)</div>\n" : bars
        return text + "</section>\n"
    }

    private static func figure(
        _ picture: Picture, subject: Int, _ name: String, _ images: ReportImages
    ) throws(ReportError) -> String {
        let data = Data(try images.png(picture.file)).base64EncodedString()
        let summary = escaped(picture.summary)
        return """
            <figure><figcaption><span class="dot" \(mark(subject))></span>\(escaped(name))</figcaption>\
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
