import Foundation

/// All runs: how each stands, to be sorted, filtered and chosen for comparing.
struct RunsPage {
    let runs: [RunSummary]
    let beginning: [String]
    let folder: String

    var html: HTML {
        Page(title: "Runs", section: .runs, script: "runs.js", content: runs.isEmpty ? empty : list).html
    }

    private var empty: HTML {
        """
        <h1>No runs yet</h1>
        <p class="lead">A run is a folder that a training writes. There is none in <code>\(folder)</code>.</p>
        \(starting)
        <p><a class="button" href="/train">Start one</a></p>
        <p class="muted">Or in a terminal: <code>flowmatch train --out \(folder)/first</code>. It appears here by itself.</p>
        """
    }

    private var starting: HTML {
        beginning.isEmpty
            ? "" : "<p role=\"status\">Starting: \(beginning.joined(separator: ", ")). The data is being read.</p>"
    }

    private var list: HTML {
        let states = Set(runs.map(\.state)).sorted()
        let options: [HTML] = states.map { "<option value=\"\($0)\">\($0)</option>" }
        let rows: [HTML] = runs.map(row)
        return """
            <h1>Runs</h1>
            \(starting)
            <form action="/compare" method="get" id="chosen">
            <div class="tools" id="filter" hidden>
            <label>Find <input type="search" id="find" placeholder="name, network, data" autocomplete="off"></label>
            <label>State <select id="by-state"><option value="">any</option>\(options)</select></label>
            <output id="shown" aria-live="polite"></output>
            </div>
            <div class="scroll"><table id="runs" class="runs">
            <caption class="spoken">Runs in \(folder)</caption>
            <thead><tr>
            <th scope="col" class="choose"><span class="spoken">Compare</span></th>
            <th scope="col" data-sort="text">Run</th><th scope="col" data-sort="text">State</th>
            <th scope="col" data-sort="text">Network</th><th scope="col" data-sort="text">Data</th>
            <th scope="col" class="number" data-sort="number">Steps</th>
            <th scope="col" class="number" data-sort="number">Loss</th>
            <th scope="col" class="number" data-sort="number">Held-out</th>
            <th scope="col" class="number" data-sort="number">Last step</th>
            </tr></thead>
            <tbody>
            \(rows)</tbody>
            </table></div>
            <p class="actions"><button type="submit" class="button quiet">Compare the chosen</button></p>
            </form>
            """
    }

    private func row(_ run: RunSummary) -> HTML {
        let link: HTML =
            run.isOpen ? "<a href=\"/run?run=\(run.name.inQuery)\">\(run.name)</a>" : "<span>\(run.name)</span>"
        let choice: HTML? =
            run.isOpen
            ? "<input type=\"checkbox\" name=\"run\" value=\"\(run.name)\" aria-label=\"Compare \(run.name)\">" : nil
        let share = run.steps > 0 ? min(1, Double(run.step) / Double(run.steps)) : 0
        let note: HTML? = run.note.map { "<small class=\"note\">\($0)</small>" }
        return """
            <tr data-run="\(run.name)" data-state="\(run.state)">
            <td class="choose">\(choice)</td>
            <th scope="row">\(link)</th>
            <td data-cell="state"><span class="state" data-state="\(run.state)">\(run.state)</span>\(run.isOpen ? nil : note)</td>
            <td>\(run.network)</td><td>\(run.data)</td>
            <td class="number" data-cell="step" data-value="\(run.step)"><span>\(Numbers.grouped(run.step)) / \
            \(Numbers.grouped(run.steps))</span><progress max="1" value="\(share)" aria-label="Share of the steps"></progress></td>
            <td class="number" data-cell="loss" data-value="\(run.loss ?? .infinity)">\(Numbers.short(run.loss))</td>
            <td class="number" data-cell="held" data-value="\(run.heldOutLoss ?? .infinity)">\(Numbers.short(run.heldOutLoss))</td>
            <td class="number" data-cell="ago" data-value="\(run.age ?? .infinity)">\(Numbers.ago(run.age))</td>
            </tr>

            """
    }
}

extension Numbers {
    /// How long ago.
    static func ago(_ seconds: Double?) -> String {
        guard let seconds else { return "–" }
        switch seconds {
        case ..<5: return "now"
        case ..<90: return "\(Int(seconds)) s ago"
        case ..<5400: return "\(Int((seconds / 60).rounded())) min ago"
        case ..<129_600: return "\(Int((seconds / 3600).rounded())) h ago"
        default: return "\(Int((seconds / 86_400).rounded())) days ago"
        }
    }
}
