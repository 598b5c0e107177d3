import Charts
import Foundation

/// A report as one HTML page that needs nothing else: no file, no network, no script.
public enum HTMLReport {
    /// The page of a report.
    ///
    /// - Parameter images: the sample grids that the report names.
    /// - Throws: `ReportError.missingImage`.
    public static func render(
        _ report: ExperimentReport, images: ReportImages
    ) throws(ReportError) -> String {
        let figures = ReportFigures(report)
        let outcome = ReportOutcome(report)
        var body = header(report, outcome)
        body += resultsSection(report)
        body += figureSection("Loss", figures.loss)
        body += try sampleSection(report, images)
        body += figureSection("Held-out loss", figures.heldOut)
        body += speedSection(figures.speed)
        body += configurationSection(report)
        let title = escaped(report.title)
        let description = escaped(outcome.sentences.joined(separator: " "))
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width,initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none';img-src data:;style-src 'unsafe-inline'">
            <meta name="color-scheme" content="light dark">
            <meta name="description" content="\(description)">
            <title>\(title)</title>
            <link rel="icon" href="data:,">
            <style>
            \(HTMLStyle.sheet)
            </style>
            </head>
            <body>
            <main>
            \(body)</main>
            </body>
            </html>

            """
    }

    static func escaped(_ text: String) -> String { MarkupText.escaped(text) }

    /// The custom property that gives a model its colour.
    static func mark(_ index: Int) -> String { "style=\"--mark:\(ChartColor.series(index).css)\"" }

    private static func header(_ report: ExperimentReport, _ outcome: ReportOutcome) -> String {
        let day = report.date.formatted(.iso8601.year().month().day())
        let cards = report.models.enumerated().map { index, model in
            var lines = ["<span class=\"muted\">\(escaped(outcome.finalLossName))</span>"]
            if outcome.window == 500, let published = model.published?.meanLossOfLast500 {
                lines.append("<span class=\"muted\">published \(FigureText.loss(published))</span>")
            }
            return """
                <li \(mark(index))><span class="name">\(escaped(model.name))</span>
                <span class="figure">\(escaped(FigureText.loss(outcome.finalLoss(model))))</span>
                \(lines.joined(separator: "\n"))</li>
                """
        }
        return """
            <header>
            <p class="eyebrow">\(escaped(report.configuration.dataSet)) · <time datetime="\(day)">\(day)</time> · \
            \(escaped(report.environment.device))</p>
            <h1>\(escaped(report.title))</h1>
            <p class="summary">\(escaped(outcome.sentences.joined(separator: " ")))</p>
            <ul class="cards">
            \(cards.joined(separator: "\n"))
            </ul>
            </header>

            """
    }

    private static func resultsSection(_ report: ExperimentReport) -> String {
        let table = ResultsTable(report)
        let heads = table.models.enumerated().map { index, name in
            "<th scope=\"col\"><span class=\"dot\" \(mark(index))></span>\(escaped(name))</th>"
        }
        let rows = table.rows.map { row in
            let unit = row.unit.isEmpty ? "" : "<small>\(escaped(row.unit))</small>"
            let cells = row.cells.map { cell in
                let published =
                    cell.published.map { "<small><span class=\"spoken\">published </span>\(escaped($0))</small>" } ?? ""
                return "<td>\(escaped(cell.value))\(published)</td>"
            }
            return "<tr><th scope=\"row\">\(escaped(row.name))\(unit)</th>\(cells.joined())</tr>"
        }
        let notes = report.comparabilityNotes.map { note in
            "<li>\(escaped(note.models)): \(escaped(note.reasons.joined(separator: "; "))).</li>"
        }
        let list = """
            <p class="note">Not comparable with the published losses:</p>
            <ul class="notes note">\(notes.joined())</ul>
            """
        return """
            <section>
            <h2>Results</h2>
            <div class="scroll" tabindex="0" role="region" aria-label="Results">
            <table>
            <caption>Grey, second line: the figure that the reference published.</caption>
            <thead><tr><td></td>\(heads.joined())</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table>
            </div>
            \(notes.isEmpty ? "" : list)
            </section>

            """
    }

    private static func figure(_ figure: ReportFigure) -> String {
        let caption = figure.caption.isEmpty ? "" : "<figcaption>\(escaped(figure.caption))</figcaption>"
        return """
            <figure>
            <div class="wide">\(figure.chart.svg(size: .wide))</div>
            <div class="narrow">\(figure.chart.svg(size: .narrow))</div>
            \(caption)
            </figure>

            """
    }

    private static func figureSection(_ title: String, _ figures: [ReportFigure]) -> String {
        guard !figures.isEmpty else { return "" }
        return "<section>\n<h2>\(title)</h2>\n\(figures.map(figure).joined())</section>\n"
    }

    private static func speedSection(_ figures: [ReportFigure]) -> String {
        guard !figures.isEmpty else { return "" }
        return "<section>\n<h2>Speed</h2>\n<div class=\"pair\">\n\(figures.map(figure).joined())</div>\n</section>\n"
    }

    private static func sampleSection(
        _ report: ExperimentReport, _ images: ReportImages
    ) throws(ReportError) -> String {
        guard !report.guidances.isEmpty else { return "" }
        var text = """
            <section>
            <h2>Samples</h2>
            <p class="muted">A row for each label, 0 to 9; the last row is drawn without a label. All models start \
            from the same noise in the same cell. Choose a picture to enlarge it, and again to put it back.</p>

            """
        let columns = report.models.count { !$0.samples.isEmpty }
        for guidance in report.guidances {
            let weight = FigureText.weight(guidance)
            text += "<h3>Guidance \(weight)</h3>\n<div class=\"grids\" style=\"--columns:\(columns)\">\n"
            for (index, model) in report.models.enumerated() {
                for grid in model.samples where grid.guidance == guidance {
                    let data = Data(try images.png(grid.file)).base64EncodedString()
                    let name = escaped(model.name)
                    text += """
                        <figure><figcaption><span class="dot" \(mark(index))></span>\(name)</figcaption>\
                        <label class="zoom"><input type="checkbox" aria-label="Enlarge the samples of \(name), \
                        guidance \(weight)"><img alt="\(grid.rows) rows of \(grid.columns) samples of \(name), \
                        guidance \(weight)" src="data:image/png;base64,\(data)"></label></figure>

                        """
                }
            }
            text += "</div>\n"
        }
        return text + "</section>\n"
    }

    /// The command, no line of it broken within an option.
    private static func unbroken(_ command: String) -> String {
        command.split(separator: " ", omittingEmptySubsequences: false).map { word in
            let text = escaped(String(word))
            return word.hasPrefix("-") && word.count <= 32 && !word.contains(where: \.isNewline)
                ? "<span>\(text)</span>" : text
        }.joined(separator: " ")
    }

    private static func configurationSection(_ report: ExperimentReport) -> String {
        func list(_ settings: [ReportSetting]) -> String {
            let rows = settings.map { "<dt>\(escaped($0.name))</dt><dd>\(escaped($0.value))</dd>" }
            return "<dl>\n\(rows.joined(separator: "\n"))\n</dl>"
        }
        return """
            <section>
            <h2>Reproduce</h2>
            <p class="muted">The command that makes this page again; one click or tap selects all of it.</p>
            <pre><code>\(unbroken(report.command))</code></pre>
            <h3>Configuration</h3>
            \(list(report.configurationRows))
            <h3>Made with</h3>
            \(list(report.environmentRows))
            </section>
            <footer class="muted">The published figures are those of the PyTorch repository \
            michaelbzhu/mnist_flow_matching. All numbers of this page are in report.json.</footer>

            """
    }
}
