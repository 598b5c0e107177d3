import Charts
import Measurements

extension HTMLReport {
    /// The table of the subjects, a row each, which a script sorts and filters; nothing where there is no need of it.
    static func runsSection(_ study: Study) -> String {
        guard let table = RunsTable(study) else { return "" }
        let heads = table.columns.map { column in
            let detail = column.detail.isEmpty ? "" : " <small>\(escaped(column.detail))</small>"
            return "<th scope=\"col\">\(escaped(column.name))\(detail)</th>"
        }
        let rows = table.rows.map { row in
            let cells = row.cells.map { cell in
                let value = cell.value.map { " data-value=\"\($0)\"" } ?? ""
                return "<td\(value)>\(escaped(cell.text))</td>"
            }
            let group = study.group(of: row.subject)
            let words = zip(table.columns, row.cells).filter(\.0.isChoice).map(\.1.text)
            let text = ([row.name] + words).joined(separator: " ").lowercased()
            return """
                <tr data-run="\(row.subject)" data-group="\(group)" data-text="\(escaped(text))">\
                <th scope="row"><span class="dot" \(mark(group))></span>\(escaped(row.name))</th>\(cells.joined())</tr>
                """
        }
        return """
            <section>
            <h2>Runs</h2>
            \(filter(table))
            <div class="scroll" tabindex="0" role="region" aria-label="Runs">
            <table id="runs">
            <caption>A row a run.</caption>
            <thead><tr><th scope="col">Run</th>\(heads.joined())</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table>
            </div>
            </section>

            """
    }

    /// Hidden until the script is there to answer it.
    private static func filter(_ table: RunsTable) -> String {
        let choices = table.columns.enumerated().filter(\.element.isChoice).map { index, column in
            let options = table.values(of: index).map { "<option>\(escaped($0))</option>" }
            return """
                <label>\(escaped(column.name)) <select data-column="\(index + 1)"><option value="">all</option>\
                \(options.joined())</select></label>
                """
        }
        return """
            <div id="filter" class="filter" role="search" hidden>
            <label>Words <input type="search" autocomplete="off" spellcheck="false"></label>
            \(choices.joined(separator: "\n"))
            <output aria-live="polite"></output>
            <p class="muted">A column's head sorts. The filter is that of the charts and pictures below as well.</p>
            </div>
            """
    }

    /// Who is ahead of whom; nothing where that was not asked.
    static func findingsSection(_ study: Study) -> String {
        guard !study.findings.isEmpty else { return "" }
        let rows = study.findings.map { finding in
            let amount = NumberForm.decimal.text(finding.difference, uncertainty: finding.uncertainty)
            return """
                <tr><th scope="row">\(escaped(finding.figure))</th><td>\(escaped(finding.ahead))</td>\
                <td>\(escaped(finding.behind))</td><td>\(escaped(amount))</td><td>\(finding.pairs)</td>\
                <td>\(finding.isSure ? "yes" : "not told apart")</td></tr>
                """
        }
        return """
            <section>
            <h2>How sure</h2>
            <p class="muted">\(escaped(findingsNote))</p>
            <div class="scroll" tabindex="0" role="region" aria-label="Who is ahead">
            <table class="texts">
            <caption>Who is ahead, by how much, and whether more than the seeds would move it.</caption>
            <thead><tr><th scope="col">Figure</th><th scope="col">Ahead</th><th scope="col">Behind</th>\
            <th scope="col">By</th><th scope="col">Pairs</th><th scope="col">Sure</th></tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table>
            </div>
            </section>

            """
    }

    /// For every page with findings.
    static let findingsNote =
        "Each difference is the mean over pairs of runs that differ by this choice alone, such as two of one seed; behind "
        + "± stands Student's 95 % interval. Where it reaches 0, the two are not told apart."

    /// What the subjects do not share.
    static func differences(_ study: Study) -> String {
        let rows = DifferencesTable(study).rows
        guard !rows.isEmpty else { return "" }
        let lines = rows.map { row in
            """
            <tr><th scope="row">\(escaped(row.setting))</th><td>\(escaped(row.value))</td>\
            <td>\(escaped(row.subjects))</td></tr>
            """
        }
        return """
            <h3>What is not the same for all</h3>
            <div class="scroll" tabindex="0" role="region" aria-label="What is not the same for all">
            <table class="texts">
            <caption class="spoken">Settings that the runs do not share</caption>
            <thead><tr><th scope="col">Setting</th><th scope="col">Value</th><th scope="col">Of</th></tr></thead>
            <tbody>
            \(lines.joined(separator: "\n"))
            </tbody>
            </table>
            </div>

            """
    }
}
