import Charts
import Foundation
public import Measurements

/// A study as one HTML page that needs nothing else: no file, no network. A script of its own sorts and filters where there
/// are many runs; without it the page says the same.
public enum HTMLReport {
    /// The page of a study.
    ///
    /// - Parameters:
    ///   - study: what was found
    ///   - images: the pictures that the study names.
    /// - Throws: `ReportError.missingImage`.
    public static func render(_ study: Study, images: ReportImages) throws(ReportError) -> String {
        let outcome = ReportOutcome(study)
        let grouped = study.grouped
        var body = header(grouped, outcome) + findingsSection(study) + resultsSection(grouped) + runsSection(study)
        for part in study.reportSections { body += try section(part, study, images) }
        body += reproduction(study)
        let title = escaped(study.title)
        let description = escaped(outcome.sentences.joined(separator: " "))
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width,initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none';img-src data:;style-src 'unsafe-inline';\
            script-src \(HTMLScript.policy)">
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
            <script>\(HTMLScript.text)</script>
            </body>
            </html>

            """
    }

    static func escaped(_ text: String) -> String { MarkupText.escaped(text) }

    /// The custom property that gives a subject its colour.
    static func mark(_ index: Int) -> String { "style=\"--mark:\(ChartColor.series(index).css)\"" }

    private static func header(_ study: Study, _ outcome: ReportOutcome) -> String {
        let day = study.date.formatted(.iso8601.year().month().day())
        let topics = study.topics.map(escaped) + ["<time datetime=\"\(day)\">\(day)</time>"]
        return """
            <header>
            <p class="eyebrow">\(topics.joined(separator: " · "))</p>
            <h1>\(escaped(study.title))</h1>
            <p class="summary">\(escaped(outcome.sentences.joined(separator: " ")))</p>
            \(study.ranking.map { cards(study, $0) } ?? "")
            </header>

            """
    }

    /// Each subject's reading of the quantity that ranks them.
    private static func cards(_ study: Study, _ ranking: Quantity) -> String {
        let name = [ranking.name, ranking.detail].filter { !$0.isEmpty }.joined(separator: ", ")
        let cards = study.subjects.enumerated().map { index, subject in
            let reading = subject.reading(of: ranking)
            var lines = ["<span class=\"muted\">\(escaped(name))</span>"]
            if let reference = study.reference, let figure = reading?.referenceText {
                lines.append("<span class=\"muted\">\(escaped(reference.name)) \(escaped(figure))</span>")
            }
            return """
                <li \(mark(index))><span class="name">\(escaped(subject.name))</span>
                <span class="figure">\(escaped(reading?.text ?? FigureText.missing))</span>
                \(lines.joined(separator: "\n"))</li>
                """
        }
        return "<ul class=\"cards\">\n\(cards.joined(separator: "\n"))\n</ul>"
    }

    private static func reproduction(_ study: Study) -> String {
        func list(_ facts: [Fact]) -> String {
            let rows = facts.map { "<dt>\(escaped($0.name))</dt><dd>\(escaped($0.value))</dd>" }
            return "<dl>\n\(rows.joined(separator: "\n"))\n</dl>"
        }
        let source = study.reference.map { escaped($0.note) + " " } ?? ""
        return """
            <section>
            <h2>Reproduce</h2>
            <p class="muted">The command that makes this page again; one click or tap selects all of it.</p>
            <pre><code>\(unbroken(study.command))</code></pre>
            \(differences(study))\
            <h3>What is the same for all</h3>
            \(list(study.configuration))
            <h3>Made with</h3>
            \(list(study.environment))
            </section>
            <footer class="muted">\(source)All numbers of this page are in report.json and report.csv.</footer>

            """
    }

    /// The command, no line of it broken within an option.
    private static func unbroken(_ command: String) -> String {
        command.split(separator: " ", omittingEmptySubsequences: false).map { word in
            let text = escaped(String(word))
            return word.hasPrefix("-") && word.count <= 32 && !word.contains(where: \.isNewline)
                ? "<span>\(text)</span>" : text
        }.joined(separator: " ")
    }
}
