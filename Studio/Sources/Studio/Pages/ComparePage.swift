import Settings
import Training

/// Chosen runs side by side: in what they differ, how they did; and the reports that were written.
struct ComparePage {
    let runs: [Member]
    let all: [RunSummary]
    /// Where the runs are.
    let folder: String
    /// Folders of reports.
    let reports: [String]

    /// A run that is compared.
    struct Member {
        let summary: RunSummary
        let configuration: RunConfiguration
        let records: RecordColumns
        /// The step of its newest picture of itself.
        let picture: Int?
    }

    static let most = 12
    /// Seconds after which a page of runs that are trained is asked for again.
    static let pace = 5

    var html: HTML {
        Page(
            title: "Compare", section: .compare, script: runs.isEmpty ? nil : "compare.js",
            content: "<h1>Compare</h1>\(runs.isEmpty ? chooser : comparison)\(reportList)"
        ).html
    }

    /// What writes a report of runs, with images drawn for it, as a shell takes it.
    static func command(_ names: [String], in folder: String) -> String {
        let paths = names.map { DrawingRequest.quoted("\(folder)/\($0)") }.joined(separator: " ")
        return "flowmatch compare --runs \(paths) --out \(DrawingRequest.quoted("\(folder)/report"))"
    }

    private var comparison: HTML {
        let isLive = runs.contains { $0.summary.isTraining }
        let pace: HTML? = isLive ? " data-pace=\"\(ComparePage.pace)\"" : nil
        let query = runs.map { "run=\($0.summary.name.inQuery)" }.joined(separator: "&")
        return """
            <p class="lead"><a class="button" href="/compare/report?\(query)">The report of these runs</a></p>
            <div id="comparison"\(pace)>
            \(table)\(pictures)
            </div>
            <p class="muted">A report with images drawn for it, as a folder: <code>\(
                ComparePage.command(runs.map(\.summary.name), in: folder))</code></p>
            <p><a href="/compare">Choose others</a></p>
            """
    }

    private var pictures: HTML? {
        let figures: [HTML] = runs.compactMap { run in
            run.picture.map { step in
                """
                <figure><img src="/picture?run=\(run.summary.name.inQuery)&amp;step=\(step)" alt="Images drawn at step \(step)">
                <figcaption>\(run.summary.name), step \(Numbers.grouped(step))</figcaption></figure>
                """
            }
        }
        guard !figures.isEmpty else { return nil }
        return "<h2>The newest pictures</h2><div class=\"newest\">\(figures)</div>"
    }

    private var chooser: HTML {
        let boxes: [HTML] = all.filter(\.isOpen).map {
            "<label><input type=\"checkbox\" name=\"run\" value=\"\($0.name)\"> \($0.name)</label>"
        }
        return """
            <p class="lead">Choose runs to see in what they differ.</p>
            <form method="get" action="/compare"><div class="choices">\(boxes)</div>
            <p class="actions"><button class="button quiet">Compare</button></p></form>
            """
    }

    /// Rows of settings in which any two of the runs differ.
    private var differences: [(key: String, summary: String, values: [String?])] {
        let flat = runs.map { run in
            Dictionary(run.configuration.flattened().map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        }
        var seen: Set<String> = []
        let keys = runs.flatMap { $0.configuration.flattened().map(\.key) }.filter { seen.insert($0).inserted }
        return keys.compactMap { key in
            let settings = flat.map { $0[key] }
            let values = settings.map { $0?.value.description }
            guard Set(values).count > 1, let first = settings.compactMap({ $0 }).first else { return nil }
            return (key, first.declaration.summary, values)
        }
    }

    private var table: HTML {
        let heads: [HTML] = runs.enumerated().map { index, run in
            "<th scope=\"col\"><span class=\"dot s\(index % 6)\"></span><a href=\"/run?run=\(run.summary.name.inQuery)\">\(run.summary.name)</a></th>"
        }
        func row(_ title: String, _ cell: (RunSummary) -> String) -> HTML {
            let cells: [HTML] = runs.map { "<td class=\"number\">\(cell($0.summary))</td>" }
            return "<tr><th scope=\"row\">\(title)</th>\(cells)</tr>\n"
        }
        let settings: [HTML] = differences.map { key, summary, values in
            let cells: [HTML] = values.map { "<td class=\"number\">\($0 ?? "–")</td>" }
            return
                "<tr><th scope=\"row\"><code>\(key)</code><small class=\"muted\">\(summary)</small></th>\(cells)</tr>\n"
        }
        return """
            <figure class="chart"><figcaption>Held-out loss, or the loss where there is none</figcaption>
            <div class="plot">\(curves)</div></figure>
            <div class="scroll"><table class="compare"><caption class="spoken">How the runs did, and in what they differ</caption>
            <thead><tr><td></td>\(heads)</tr></thead>
            <tbody>
            \(row("state", \.state))\(row("steps") { "\(Numbers.grouped($0.step)) / \(Numbers.grouped($0.steps))" })\
            \(row("loss") { Numbers.short($0.loss) })\(row("held-out loss") { Numbers.short($0.heldOutLoss) })
            </tbody>
            <tbody>\(settings)</tbody>
            </table></div>
            \(differences.isEmpty && runs.count > 1 ? "<p class=\"muted\">These runs have the same settings.</p>" : nil)
            """
    }

    private var curves: HTML {
        let lines = runs.map { run -> [(x: Double, y: Double)] in
            let held = run.records.heldOut.compactMap { item in
                (item.averaged ?? item.raw).map { (x: Double(item.step), y: $0) }
            }
            guard held.count < 2 else { return held }
            return zip(run.records.step, run.records.loss).compactMap { step, loss in
                loss.map { (x: Double(step), y: $0) }
            }
        }
        let frame = StaticChart.frame(of: lines)
        let paths: [HTML] = lines.enumerated().map { index, line in
            "<path class=\"line s\(index % 6)\" d=\"\(StaticChart.path(line, frame))\"><title>\(runs[index].summary.name)</title></path>"
        }
        return """
            <svg viewBox="0 0 600 200" preserveAspectRatio="none" class="static" role="img" aria-label="Losses of the runs by step">\(paths)</svg>
            <p class="axis muted"><span>step \(Numbers.grouped(Int(frame.x.lowerBound)))</span>\
            <span>from \(Numbers.short(frame.y.lowerBound)) to \(Numbers.short(frame.y.upperBound))</span>\
            <span>step \(Numbers.grouped(Int(frame.x.upperBound)))</span></p>
            """
    }

    private var reportList: HTML {
        let items: [HTML] = reports.map { "<li><a href=\"/report?of=\($0.inQuery)\">\($0)</a></li>" }
        guard !items.isEmpty else {
            return "<h2>Reports</h2><p class=\"muted\">None yet: <code>flowmatch compare</code> writes one.</p>"
        }
        return "<h2>Reports</h2><ul class=\"plain\">\(items)</ul>"
    }
}
