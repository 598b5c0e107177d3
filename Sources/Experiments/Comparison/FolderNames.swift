import Basis

/// Names of folders made of words, plain whatever the words: two lists of words have one name only where they are equal,
/// not even where capitals do not count.
struct FolderNames {
    private let names: [String]

    /// - Parameters:
    ///   - words: of each name; lists that are equal have one name
    ///   - shown: what is shown of each; left out, its words
    init(_ words: [[String]], shown: [String]? = nil) {
        let texts = shown ?? words.map { $0.joined(separator: "-") }
        let plain = texts.map(FolderNames.plain)
        names = words.indices.map { index in
            let rivals = words.indices.filter {
                plain[$0].lowercased() == plain[index].lowercased() && words[$0] != words[index]
            }
            // A text that is plain as it is keeps its name, unless another's is the same.
            let isFirst = plain[index] == texts[index] && rivals.allSatisfy { plain[$0] != texts[$0] }
            guard !rivals.isEmpty, !isFirst else { return plain[index] }
            // Of the words alone: the name does not depend on which others there are.
            let hash = String(FNV1a.hash(words[index].joined(separator: "\u{0}").utf8), radix: 16)
            return "\(plain[index])-\(hash.suffix(8))"
        }
    }

    subscript(index: Int) -> String { names[index] }

    /// A text without what has a meaning in paths.
    private static func plain(_ text: String) -> String {
        let plain = text.map { $0.isLetter || $0.isNumber || "-_.=".contains($0) ? $0 : "-" }
        let name = String(plain.drop { "-.".contains($0) })
        return name.isEmpty ? "run" : name
    }
}
