/// How trials ended, by kind.
package struct Figures: Sendable, CustomStringConvertible {
    struct Row {
        var tried = 0
        var faults: [Fault.Sort: Int] = [:]
    }

    private var rows: [String: Row] = [:]

    mutating func count(_ kind: String, _ fault: Fault?) {
        rows[kind, default: Row()].tried += 1
        if let fault { rows[kind, default: Row()].faults[fault.sort, default: 0] += 1 }
    }

    package var tried: Int { rows.values.reduce(0) { $0 + $1.tried } }

    package var description: String {
        let heads = ["kind", "tried", "survived", "traps", "hangs", "losses", "unclear"]
        let lines = TrialKinds.all.map { $0.name }.filter { rows[$0] != nil }.map { name in
            let row = rows[name] ?? Row()
            let failed = row.faults.values.reduce(0, +)
            let counts = [row.tried, row.tried - failed] + [.trap, .hang, .loss, .unclear].map { row.faults[$0] ?? 0 }
            return [name] + counts.map(String.init)
        }
        return ([heads] + lines).map { cells in
            cells.enumerated().map { index, cell in
                let width = index == 0 ? 24 : 9
                let padding = String(repeating: " ", count: max(0, width - cell.count))
                return index == 0 ? cell + padding : padding + cell
            }.joined()
        }.joined(separator: "\n")
    }
}
