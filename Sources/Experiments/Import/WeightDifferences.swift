import Basis
import Formats
import NN
import StableHLO

/// How the tensors of a file differ from those of a network.
public struct WeightDifferences: Sendable {
    /// One tensor that differs.
    struct Difference: Sendable {
        let kind: Kind
        let name: String
        /// Type and shape; nil where it is not there.
        let found: String?
        let expected: String?
    }

    enum Kind: String, Sendable {
        case missing
        case misshapen = "other shape"
        case unexpected
    }

    private(set) var differences: [Difference] = []
    /// How many tensors the network has.
    let count: Int

    init(_ naming: TensorNaming, _ tree: ParameterTree, ignoringExtra: Bool) {
        count = tree.entries.count
        let tensors = Dictionary(naming.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for entry in tree.entries {
            let type = entry.parameter.type
            let expected = Self.text(type.elementType, type.shape)
            guard let tensor = tensors[entry.name] else {
                differences.append(Difference(kind: .missing, name: entry.name, found: nil, expected: expected))
                continue
            }
            let isConvertible = tensor.dataType.isFloatingPoint && type.elementType == .float32
            guard tensor.shape == type.shape, isConvertible || tensor.dataType == type.elementType else {
                let found = Self.text(tensor.dataType, tensor.shape)
                differences.append(Difference(kind: .misshapen, name: entry.name, found: found, expected: expected))
                continue
            }
        }
        guard !ignoringExtra else { return }
        let known = Set(tree.names)
        for tensor in naming.tensors where !known.contains(tensor.name) {
            let found = Self.text(tensor.dataType, tensor.shape)
            differences.append(Difference(kind: .unexpected, name: tensor.name, found: found, expected: nil))
        }
    }

    /// Whether everything fits.
    public var isEmpty: Bool { differences.isEmpty }

    func count(_ kind: Kind) -> Int { differences.count { $0.kind == kind } }

    private static func text(_ type: ElementType, _ shape: [Int]) -> String {
        shape.isEmpty
            ? type.safetensorsName : "\(type.safetensorsName) \(shape.map(String.init).joined(separator: " x "))"
    }
}

extension WeightDifferences: CustomStringConvertible {
    private static let mostRows = 12

    /// A table with a line for each kind of difference and tensor; the tensors of a list's elements share one.
    public var description: String {
        struct Row: Hashable {
            let kind: Kind
            let pattern: String
            let found: String
            let expected: String
        }
        var rows: [Row] = []
        var names: [Row: [String]] = [:]
        for difference in differences {
            let row = Row(
                kind: difference.kind, pattern: Self.pattern(difference.name), found: difference.found ?? "-",
                expected: difference.expected ?? "-")
            if names[row] == nil { rows.append(row) }
            names[row, default: []].append(difference.name)
        }
        let shown = rows.prefix(Self.mostRows)
        var lines = [["difference", "tensor", "in the file", "in the network"]]
        for row in shown {
            let names = names[row] ?? []
            lines.append([row.kind.rawValue, Self.common(names).printable, row.found, row.expected])
        }
        let widths = (0..<4).map { column in lines.map { $0[column].count }.max() ?? 0 }
        var text = lines.map { line in
            let cells = zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            var line = "  " + cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
        let rest = rows.dropFirst(shown.count).reduce(0) { $0 + (names[$1]?.count ?? 0) }
        if rest > 0 { text.append("  and \(rest) more") }
        return text.joined(separator: "\n")
    }

    /// A name with a star for each number in it.
    private static func pattern(_ name: String) -> String {
        words(name).map { Int($0) == nil ? String($0) : "*" }.joined(separator: ".")
    }

    /// Names of one pattern as one, with a star where they differ.
    private static func common(_ names: [String]) -> String {
        guard names.count > 1 else { return names.joined() }
        let first = words(names[0])
        let others = names.dropFirst().map(words)
        let name = first.indices.map { place in others.allSatisfy { $0[place] == first[place] } ? first[place] : "*" }
        return "\(name.joined(separator: ".")) (\(names.count) tensors)"
    }

    private static func words(_ name: String) -> [Substring] {
        name.split(separator: ".", omittingEmptySubsequences: false)
    }
}
