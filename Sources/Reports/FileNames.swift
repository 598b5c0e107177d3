/// File names made of ids: plain whatever the id, and no two alike, not even where capitals do not count.
struct FileNames {
    private var taken: Set<String> = []

    /// A name for an id, without an ending.
    mutating func name(for id: String) -> String {
        let plain = String(id.prefix(100).map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "-" })
        let base = plain.isEmpty ? "chart" : plain
        var name = base
        var count = 1
        while !taken.insert(name.lowercased()).inserted {
            count += 1
            name = "\(base)-\(count)"
        }
        return name
    }
}
