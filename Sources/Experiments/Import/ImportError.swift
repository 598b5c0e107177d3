import Basis
public import Settings

/// Weights that no run can be made of.
public enum ImportError: Error, CustomStringConvertible {
    /// The names are those of no kind of network.
    case unknownNetwork(path: String, networks: [String], names: [String])
    /// Settings that shapes do not tell and the weights cannot be computed with otherwise, with their defaults.
    case needed(path: String, network: String, seen: [Assignment], settings: [(key: String, defaultValue: String)])
    /// Nothing is there by that name.
    case noEntry(path: String, String, entries: [String])
    /// Tensors that do not fit the network.
    case differences(path: String, entry: String, network: String, WeightDifferences)
    /// A tensor holds what is no number, or infinite.
    case notFinite(path: String, tensor: String)

    public var description: String {
        switch self {
        case .unknownNetwork(let path, let networks, let names):
            "\(path): its tensors (\(names.map(\.printable).joined(separator: ", "))) are those of no network that is known here "
                + "(\(networks.joined(separator: ", "))); name one with --model to see how they differ"
        case .needed(let path, let network, let seen, let settings):
            "\(path): a \(network) with \(seen.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")); its shapes do not "
                + "tell \(settings.map(\.key).joined(separator: ", ")), which the weights need: give "
                + settings.map { "--set \($0.key)=N (\($0.defaultValue) in the reference)" }.joined(separator: ", ")
        case .noEntry(let path, let entry, let entries):
            "\(path) has no weights under '\(entry)'; it has them under "
                + entries.map { $0.isEmpty ? "no name" : "'\($0.printable)'" }.joined(separator: ", ")
        case .differences(let path, let entry, let network, let differences):
            "\(path)\(entry.isEmpty ? "" : ", '\(entry.printable)',") does not fit \(network): of the network's \(differences.count) "
                + "tensors \(Self.counts(differences))\n\(differences)\n\(Self.advice(differences))"
        case .notFinite(let path, let tensor): "\(path): tensor '\(tensor.printable)' holds values that are not finite"
        }
    }

    private static func counts(_ differences: WeightDifferences) -> String {
        let (missing, other) = (differences.count(.missing), differences.count(.misshapen))
        return
            "\(missing) \(missing == 1 ? "is" : "are") missing and \(other) \(other == 1 ? "has" : "have") another shape; "
            + "\(differences.count(.unexpected)) of the file's are unexpected"
    }

    private static func advice(_ differences: WeightDifferences) -> String {
        if differences.count(.missing) + differences.count(.misshapen) == 0 {
            return "if the network computes the same without what is unexpected, --ignore-extra leaves it out"
        }
        return
            "leave out settings of the network that contradict the shapes, or see with --dry-run what the shapes tell"
    }
}
