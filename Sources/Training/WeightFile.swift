public import Compute
import Formats
public import Foundation
public import NN
import StableHLO

/// Weights alone, as PyTorch's `state_dict` names and shapes them, in a safetensors file.
public enum WeightFile {
    /// Writes one array for each entry of the tree.
    public static func write(
        _ weights: [DeviceArray], _ tree: ParameterTree, metadata: [String: String] = ["format": "pt"], to url: URL
    ) throws {
        let tensors = try zip(tree.names, weights).map { try Checkpoint.entry($0, $1) }
        try SafetensorsFile.write(tensors, metadata: metadata, to: url)
    }

    /// One array for each entry of the tree.
    ///
    /// - Parameters:
    ///   - url: of the file
    ///   - tree: of the network's parameters
    ///   - ignoring: names that may be there besides; nil allows any
    ///   - engine: where the arrays are put
    /// - Throws: ``TrainingError/checkpointMismatch(path:missing:unexpected:misshapen:)`` listing every tensor that is
    ///   missing, extra or misshapen.
    public static func read(
        _ url: URL, _ tree: ParameterTree, ignoring: [String]? = [], on engine: Engine
    ) throws -> [DeviceArray] {
        let file = try SafetensorsFile(contentsOf: url)
        return try Checkpoint.arrays(of: file, names: tree.names, types: tree.types, ignoring: ignoring)
            .map { try DeviceArray($0.bytes, $0.type, on: engine.device) }
    }
}
