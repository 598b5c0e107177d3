import Basis
import Datasets
import Formats
import Models
import NN
import Settings
import Training

/// A way to read a file's names, the network that its shapes give, and how far the one is from the other.
struct ImportCandidate {
    let naming: TensorNaming
    let configuration: RunConfiguration
    let tree: ParameterTree
    let differences: WeightDifferences
    /// Keys of settings that have their defaults, since the shapes do not tell them.
    private let untold: [String]

    /// Nil where nobody named the network and the shapes are those of none.
    ///
    /// - Parameters:
    ///   - layers: settings that somebody gave, later ones before earlier ones
    ///   - hasSizes: whether shapes in which the network's sizes cannot be seen are passed over
    /// - Throws: ``ImportError/needed(path:network:seen:settings:)``, `SettingsError`, `DatasetError`
    init?(
        _ naming: TensorNaming, layers: [[Assignment]], hasSizes: Bool, ignoringExtra: Bool, path: String,
        _ places: DatasetPlaces
    ) throws {
        let shapes = TensorShapes(
            Dictionary(naming.tensors.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first }))
        var first: [Assignment] = []
        if !layers.joined().contains(where: { $0.key == "model" }) {
            guard let kind = Networks.registry.members.first(where: { $0.sizes(in: shapes) != nil }) else { return nil }
            first = [Assignment("model", .text(kind.kindName), from: path)]
        }
        let given = try ([first] + layers).reduce(RunConfiguration()) { try $0.applying($1) }
        let sizes = given.model.sizes(in: shapes)
        if hasSizes && sizes == nil { return nil }
        let keys = given.givenKeys
        func isLeft(_ key: String) -> Bool { !keys.contains(key) }
        let seen = (sizes?.seen ?? []).map { Assignment("model.\($0.name)", $0.value, from: path) }
        let needed = (sizes?.needed ?? []).map { "model.\($0)" }.filter(isLeft)
        guard needed.isEmpty else {
            let defaults = needed.map { ($0, given.value(of: $0)?.description ?? "") }
            throw ImportError.needed(path: path, network: given.model.kindTitle, seen: seen, settings: defaults)
        }
        self.naming = naming
        configuration = try given.applying(seen.filter { isLeft($0.key) }).followingData(from: places)
        tree = try ParameterTree(of: configuration.model.makeNetwork())
        differences = WeightDifferences(naming, tree, ignoringExtra: ignoringExtra)
        untold = (sizes?.free ?? []).map { "model.\($0)" }.filter(isLeft)
    }

    /// How badly it fits: first by what the network lacks, then by what has another shape.
    var distance: (Int, Int) { (differences.count(.missing), differences.count(.misshapen)) }

    /// What a person should know of a candidate that fits.
    ///
    /// - Parameter others: entries that fit as well
    func notices(beside others: [String]) -> [String] {
        var lines: [String] = []
        if !naming.entry.isEmpty { lines.append("the weights are those under '\(naming.entry.printable)'") }
        if !others.isEmpty {
            let names = others.map { $0.isEmpty ? "no name" : "'\($0.printable)'" }.joined(separator: ", ")
            lines.append("there are others that fit, under \(names); --entry takes those")
        }
        if !naming.removed.isEmpty {
            lines.append("taken off the names: \(naming.removed.map { "'\($0.printable)'" }.joined(separator: ", "))")
        }
        lines += conversions
        for names in naming.tied {
            lines.append("\(Self.list(names)) are one tensor in the file; here they are trained apart")
        }
        let known = Set(tree.names)
        let extra = naming.tensors.map(\.name).filter { !known.contains($0) }
        if !extra.isEmpty { lines.append("left out, as the network has no place for them: \(Self.list(extra))") }
        if !naming.others.isEmpty { lines.append("left out, as they are no tensors: \(Self.list(naming.others))") }
        if naming.leftOut > 0 { lines.append("left out: \(naming.leftOut) tensors of other entries") }
        for key in untold {
            let value = configuration.value(of: key)?.description ?? ""
            lines.append(
                "shapes do not tell \(key); it is \(value), the default, unless --set \(key)=... says otherwise")
        }
        return lines
    }

    /// Tensors that are no float32 in the file.
    private var conversions: [String] {
        let known = Set(tree.names)
        let types = naming.tensors.filter { known.contains($0.name) && $0.dataType.isFloatingPoint }.map(\.dataType)
        return [ElementType.float16, .bfloat16, .float64].compactMap { type in
            let count = types.count { $0 == type }
            return count == 0 ? nil : "\(count) tensors are converted from \(type.safetensorsName) to F32"
        }
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(5).map(\.printable).joined(separator: ", ")
            + (names.count > 5 ? " and \(names.count - 5) more" : "")
    }
}
