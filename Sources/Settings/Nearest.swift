/// The candidate that a word was probably meant to be: the fewest letters to insert, delete, replace or swap, if that is
/// a third of the word at most.
func nearest(to word: String, among candidates: [String]) -> String? {
    let limit = max(1, word.count / 3)
    let ranked = candidates.map { (candidate: $0, distance: editDistance(word.lowercased(), $0)) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= limit else { return nil }
    return best.candidate
}

/// As ``nearest(to:among:)`` for keys with dots. A key that lacks its group is found by its last part.
func nearestKey(to key: String, among candidates: [String]) -> String? {
    if let near = nearest(to: key, among: candidates) { return near }
    guard let last = key.split(separator: ".").last.map(String.init) else { return nil }
    func name(_ key: String) -> String { key.split(separator: ".").last.map(String.init) ?? "" }
    guard let near = nearest(to: last, among: candidates.map(name)) else { return nil }
    return candidates.first { name($0) == near }
}

/// Damerau and Levenshtein's distance, neighbours swapped at the cost of one.
private func editDistance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    var rows = [Array(0...b.count)]
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, rows[i - 1][j - 1] + 1) }
            row.append(least)
        }
        rows.append(row)
    }
    return rows[a.count][b.count]
}
