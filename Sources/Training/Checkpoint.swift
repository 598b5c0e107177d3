public import Compute
import Formats
public import Foundation
import NN
import Settings
import StableHLO

/// Reads and writes training states as safetensors: weights under PyTorch's names, moments, averages, step and seed.
///
/// A checkpoint says of which step it is, and of which settings, in its metadata; its file carries checksums. What is not
/// finite is not written.
public enum Checkpoint {
    static let stepName = "training.step"
    static let seedName = "training.seed"
    static let settingsKey = "settings"

    /// Writes a state, atomically.
    ///
    /// - Parameters:
    ///   - state: what is written
    ///   - step: steps that the state has done
    ///   - configuration: what it was trained with
    ///   - url: of the file
    /// - Throws: ``TrainingDivergence`` where the state is not finite, or what files and device report.
    public static func write(
        _ state: borrowing TrainingState, step: Int, of configuration: RunConfiguration, to url: URL
    ) throws {
        let layout = state.layout
        let arrays = try state.current().flattened
        var tensors: [TensorEntry] = []
        for (index, name) in layout.names.enumerated() {
            let bytes = try arrays[index].values(as: UInt8.self)
            guard FiniteValues.areAll(bytes, arrays[index].type.elementType) else {
                throw TrainingDivergence.state(array: name)
            }
            tensors.append(
                try TensorEntry(
                    name: name, dataType: arrays[index].type.elementType, shape: arrays[index].type.shape,
                    bytes: bytes))
        }
        tensors.append(try TensorEntry(name: seedName, shape: [], values: [configuration.training.seed]))
        let settings = String(decoding: try RunFile.encoded(configuration), as: UTF8.self)
        try SafetensorsFile.write(
            tensors, metadata: ["format": "flowmatch checkpoint", "step": "\(step)", settingsKey: settings], to: url)
    }

    /// Reads a state written for the same network, optimizer and average.
    ///
    /// - Throws: ``FormatError``, or ``TrainingError/checkpointMismatch(path:missing:unexpected:misshapen:)`` listing
    ///   all tensors that do not fit.
    public static func read(_ url: URL, _ layout: StateLayout, on engine: Engine) throws -> TrainingState {
        let file = try SafetensorsFile(contentsOf: url)
        let arrays = try arrays(of: file, names: layout.names, types: layout.types, ignoring: [seedName])
            .map { try DeviceArray($0, $1, on: engine.device) }
        return TrainingState(StateArrays(arrays, layout), layout)
    }

    /// One named array as bytes.
    static func entry(_ name: String, _ array: DeviceArray) throws -> TensorEntry {
        try TensorEntry(
            name: name, dataType: array.type.elementType, shape: array.type.shape, bytes: array.values(as: UInt8.self))
    }

    /// Named arrays as bytes, held against the file's checksums.
    ///
    /// - Parameter ignoring: names that may be there besides; nil allows any.
    static func arrays(
        of file: SafetensorsFile, names: [String], types: [TensorType], ignoring: [String]?
    ) throws -> [(bytes: [UInt8], type: TensorType)] {
        var (missing, misshapen): ([String], [String]) = ([], [])
        var found: [(TensorEntry, TensorType)] = []
        for (name, type) in zip(names, types) {
            guard let entry = file[name] else {
                missing.append(name)
                continue
            }
            if entry.shape != type.shape || entry.dataType != type.elementType {
                misshapen.append("\(name) is \(entry.dataType.safetensorsName) \(entry.shape), not \(type)")
            }
            found.append((entry, type))
        }
        let expected = Set(names + (ignoring ?? file.names))
        let unexpected = file.names.filter { !expected.contains($0) }
        guard missing.isEmpty, misshapen.isEmpty, unexpected.isEmpty else {
            throw TrainingError.checkpointMismatch(
                path: file.path, missing: missing, unexpected: unexpected, misshapen: misshapen)
        }
        return try found.map { (bytes: try $0.bytes(), type: $1) }
    }
}
