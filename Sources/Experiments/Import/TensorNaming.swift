import Formats

/// A way to read a state dict's names: what wrappers put before and between them is taken off.
///
/// `torch.compile` says `_orig_mod`, DataParallel `module`, a trainer's class whatever its property is called: of the last
/// kind any beginning that names have in common may be one.
struct TensorNaming {
    /// Where the tensors are: the dictionary's path and the beginning of their names, joined by dots.
    let entry: String
    /// The tensors under their names without wrappers, in the order of the file.
    let tensors: [TensorEntry]
    /// What was taken off, such as `module.`.
    let removed: [String]
    /// Tensors of the dictionary that are elsewhere.
    let leftOut: Int
    /// Names of tensors that are the same elements.
    let tied: [[String]]
    /// Names of the dictionary's entries that are no tensors.
    let others: [String]

    /// Words that wrappers put into names, wherever they stand.
    private static let wrappers: Set<Substring> = [
        "module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module",
    ]
    /// Words that may stand before a network's own names.
    private static let longestBeginning = 3
    private static let most = 64

    /// The ways to read a dictionary, those with most tensors first.
    static func all(of dictionary: ForeignWeights.StateDict) -> [TensorNaming] {
        var words = dictionary.tensors.map { $0.name.split(separator: ".", omittingEmptySubsequences: false) }
        let bare = words.map { $0.filter { !wrappers.contains($0) } }
        // Without its wrappers a name must still be one.
        if Set(bare).count == bare.count, !bare.contains([]) { words = bare }
        var members: [ArraySlice<Substring>: [Int]] = [:]
        for (index, words) in words.enumerated() {
            for count in 0...min(longestBeginning, words.count - 1) {
                members[words.prefix(count), default: []].append(index)
            }
        }
        let beginnings = members.sorted {
            ($1.value.count, $0.key.count, $0.value[0]) < ($0.value.count, $1.key.count, $1.value[0])
        }
        return beginnings.prefix(most).map { beginning, indices in
            let names = indices.map { words[$0].dropFirst(beginning.count).joined(separator: ".") }
            return TensorNaming(dictionary, beginning.joined(separator: "."), indices, names)
        }
    }

    private init(_ dictionary: ForeignWeights.StateDict, _ beginning: String, _ indices: [Int], _ names: [String]) {
        entry = [dictionary.path, beginning].filter { !$0.isEmpty }.joined(separator: ".")
        tensors = zip(indices, names).map { dictionary.tensors[$0].named($1) }
        leftOut = dictionary.tensors.count - indices.count
        others = dictionary.others
        let old = indices.map { dictionary.tensors[$0].name }
        removed = Set(zip(old, names).compactMap(TensorNaming.removed)).sorted()
        let renamed = Dictionary(zip(old, names), uniquingKeysWith: { first, _ in first })
        tied = dictionary.tied.map { $0.compactMap { renamed[$0] } }.filter { $0.count > 1 }
    }

    /// What a name lost: its beginning, or the words within it that wrappers put there.
    private static func removed(_ old: String, _ new: String) -> String? {
        if old == new { return nil }
        if old.hasSuffix(new) { return String(old.dropLast(new.count)) }
        let kept = Set(new.split(separator: "."))
        return old.split(separator: ".").filter { !kept.contains($0) }.map { "\($0)." }.joined()
    }

    /// Whether these are averaged weights, which samples are drawn from.
    var isAverage: Bool {
        entry.split(separator: ".").contains { word in word.split(separator: "_").contains("ema") }
    }
}
