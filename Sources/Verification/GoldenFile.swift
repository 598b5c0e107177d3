import Flows
import Formats
package import Foundation
package import Models
import NN
import Settings
import StableHLO
import Training

/// Reference tensors of one network: inputs, weights and what the reference computed from them.
///
/// A safetensors file with `param.*`, `x`, `t`, `y`, `velocity_eval`, `velocity_train`, `target`, `loss`, `grad.*`,
/// `losses`, `after.*` and `sample.*`; model and configuration are in its metadata.
package struct GoldenFile: Sendable {
    /// The network's sizes.
    package let model: any ModelConfiguration
    let file: SafetensorsFile

    /// - Throws: ``VerificationError``, ``FormatError``, or ``SettingsError`` for sizes that no network has.
    package init(contentsOf url: URL) throws {
        file = try SafetensorsFile(contentsOf: url)
        guard let name = file.metadata["model"] else {
            throw VerificationError.notGolden(path: url.path, missing: "metadata 'model'")
        }
        // Sizes are not grouped in a golden file: each is a setting of its model.
        let text = Data((file.metadata["config"] ?? "{}").utf8)
        let sizes = try SettingsFile(text, path: url.path).assignments.map {
            Assignment("model.\($0.key)", $0.value, from: url.path)
        }
        let kind = Assignment("model", .text(name), from: url.path)
        model = try RunConfiguration().applying([kind] + sizes).model
    }

    func floats(_ name: String) throws -> [Float] { try entry(name).values(as: Float.self) }

    /// The type of a tensor that holds at least one image for a network.
    func imageType(_ name: String, _ network: any ConditionalNetwork) throws -> TensorType {
        let shape = try entry(name).shape
        guard let batch = shape.first, batch > 0, Array(shape.dropFirst()) == network.imageShape else {
            throw VerificationError.input(
                path: file.path, tensor: name,
                reason: "is \(shape), but the model takes [batch] + \(network.imageShape)")
        }
        return TensorType(shape)
    }

    /// Labels that a network has an embedding for.
    func labels(_ name: String, _ network: any ConditionalNetwork) throws -> [Int32] {
        try entry(name).values(as: Int64.self).map { label in
            guard (0...Int64(network.nullLabel)).contains(label) else {
                throw VerificationError.input(
                    path: file.path, tensor: name,
                    reason: "holds label \(label), but labels are 0 to \(network.nullLabel)")
            }
            return Int32(label)
        }
    }

    /// The bytes of every entry of a parameter tree, from tensors under a prefix.
    ///
    /// - Throws: ``VerificationError/parameters(path:missing:unexpected:misshapen:)`` listing all that do not fit.
    func parameters(_ prefix: String, _ tree: ParameterTree) throws -> [TensorEntry] {
        var (missing, misshapen): ([String], [String]) = ([], [])
        var found: [TensorEntry] = []
        for entry in tree.entries {
            let type = entry.parameter.type
            guard let tensor = file[prefix + entry.name] else {
                missing.append(entry.name)
                continue
            }
            let holdsIntegers = type.elementType == .int64
            if tensor.shape != type.shape || tensor.dataType != (holdsIntegers ? .int64 : .float32) {
                misshapen.append("\(entry.name) \(tensor.dataType.safetensorsName)\(tensor.shape), not \(type)")
            }
            found.append(tensor)
        }
        let known = Set(tree.names)
        let unexpected = file.names.filter {
            $0.hasPrefix(prefix) && !known.contains(String($0.dropFirst(prefix.count)))
        }
        guard missing.isEmpty, misshapen.isEmpty, unexpected.isEmpty else {
            throw VerificationError.parameters(
                path: file.path, missing: missing, unexpected: unexpected, misshapen: misshapen)
        }
        return found
    }

    private func entry(_ name: String) throws -> TensorEntry {
        guard let entry = file[name] else {
            throw VerificationError.notGolden(path: file.path, missing: "tensor '\(name)'")
        }
        return entry
    }
}

/// A file that cannot be verified against.
package enum VerificationError: Error, CustomStringConvertible {
    case notGolden(path: String, missing: String)
    case parameters(path: String, missing: [String], unexpected: [String], misshapen: [String])
    /// A tensor of another shape, or with other contents, than the model takes.
    case input(path: String, tensor: String, reason: String)

    package var description: String {
        switch self {
        case .notGolden(let path, let missing):
            "\(path) is not a file of reference tensors: it has no \(missing)"
        case .parameters(let path, let missing, let unexpected, let misshapen):
            "the parameters in \(path) do not fit the model"
                + (missing.isEmpty ? "" : "; missing: \(missing.joined(separator: ", "))")
                + (unexpected.isEmpty ? "" : "; unexpected: \(unexpected.joined(separator: ", "))")
                + (misshapen.isEmpty ? "" : "; of another shape or type: \(misshapen.joined(separator: ", "))")
        case .input(let path, let tensor, let reason): "tensor '\(tensor)' in \(path) \(reason)"
        }
    }
}
