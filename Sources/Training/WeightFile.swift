public import Compute
import Formats
public import Foundation
public import NN
import StableHLO

/// Weights alone, as PyTorch's `state_dict` names and shapes them, in a safetensors file.
public enum WeightFile {
    /// Writes one array for each entry of the tree.
    public static func write(_ weights: [DeviceArray], _ tree: ParameterTree, to url: URL) throws {
        let tensors = try zip(tree.names, weights).map { try Checkpoint.entry($0, $1) }
        try SafetensorsFile.write(tensors, metadata: ["format": "pt"], to: url)
    }

    /// A training state that begins with the weights in a file: moments 0, averages equal to the weights.
    ///
    /// - Throws: ``TrainingError/checkpointMismatch(path:missing:unexpected:misshapen:)`` listing every tensor that is
    ///   missing, extra or misshapen.
    public static func read(_ url: URL, _ layout: StateLayout, on engine: Engine) throws -> TrainingState {
        let file = try SafetensorsFile(contentsOf: url)
        let tree = layout.tree
        let values = try Checkpoint.arrays(of: file, names: tree.names, types: tree.types, ignoring: [], on: engine)
        let moments = try layout.trained.map { index in
            let type = tree.types[index]
            return try DeviceArray([Float](repeating: 0, count: type.elementCount), type, on: engine.device)
        }
        let step = try DeviceArray([0 as Int64], TensorType([], .int64), on: engine.device)
        let arrays = StateArrays(
            values: values, firstMoments: moments, secondMoments: moments,
            averages: layout.keepsAverages ? values : [], step: step)
        return TrainingState(arrays, layout)
    }
}
