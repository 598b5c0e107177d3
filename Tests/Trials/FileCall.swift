import Foundation

/// A call on a file that the preloaded library noted.
struct FileCall {
    let name: String
    let bytes: Int
    let path: String

    /// Reads the library's log.
    static func read(_ log: URL) throws -> [FileCall] {
        try String(contentsOf: log, encoding: .utf8).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count == 3, let bytes = Int(words[1]) else { return nil }
            return FileCall(name: String(words[0]), bytes: bytes, path: String(words[2]))
        }
    }

    /// Which part of a run the file belongs to: its folder below the run's, or its name.
    func place(in run: URL) -> String {
        let below = path.dropFirst(run.path.count).split(separator: "/").map(String.init)
        if below.count > 1 { return below[0] }
        return below.first.map { $0.hasPrefix(".") ? "hidden" : String($0.prefix(6)) } ?? "folder"
    }
}

/// The n-th call of a name.
struct CallPoint {
    let name: String
    let number: Int

    /// Draws a call so that every name and every part of a run comes as often, however many calls it takes.
    static func draw(
        from calls: [FileCall], in run: URL, named names: Set<String>, using random: inout TrialRandom
    ) -> CallPoint {
        var counts: [String: Int] = [:]
        var groups: [String: [CallPoint]] = [:]
        for call in calls where names.contains(call.name) {
            counts[call.name, default: 0] += 1
            groups[call.name + " " + call.place(in: run), default: []].append(
                CallPoint(name: call.name, number: counts[call.name, default: 0]))
        }
        let group = groups.keys.sorted().randomElement(using: &random) ?? ""
        return groups[group]?.randomElement(using: &random) ?? CallPoint(name: "write", number: 1)
    }
}
