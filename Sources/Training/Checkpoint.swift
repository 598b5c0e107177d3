public import Compute
import Formats
public import Foundation
public import NN
import StableHLO

/// Reads and writes training states as safetensors: weights under PyTorch's names, moments, averages, step and seed.
public enum Checkpoint {
    private static let seedName = "training.seed"

    /// Writes a state, atomically.
    public static func write(_ state: borrowing TrainingState, seed: UInt64, to url: URL) throws {
        let layout = state.layout
        let arrays = try state.current().flattened
        var tensors: [TensorEntry] = []
        for (index, name) in layout.names.enumerated() {
            tensors.append(try entry(name, arrays[index]))
        }
        tensors.append(try TensorEntry(name: seedName, shape: [], values: [seed]))
        try SafetensorsFile.write(tensors, metadata: ["format": "flowmatch checkpoint"], to: url)
    }

    /// Reads a state written for the same network, optimizer and average.
    ///
    /// - Throws: ``FormatError``, or ``TrainingError/checkpointMismatch(path:missing:unexpected:misshapen:)`` listing
    ///   all tensors that do not fit.
    public static func read(_ url: URL, _ layout: StateLayout, on engine: Engine) throws -> TrainingState {
        let file = try SafetensorsFile(contentsOf: url)
        let arrays = try arrays(of: file, names: layout.names, types: layout.types, ignoring: [seedName], on: engine)
        return TrainingState(StateArrays(arrays, layout), layout)
    }

    /// Reads the weights alone: the averaged ones if they are there and wanted.
    public static func readWeights(
        _ url: URL, _ tree: ParameterTree, averaged: Bool, on engine: Engine
    ) throws -> [DeviceArray] {
        let file = try SafetensorsFile(contentsOf: url)
        let prefix = averaged && file.names.contains { $0.hasPrefix("ema.") } ? "ema." : ""
        return try arrays(
            of: file, names: tree.names.map { prefix + $0 }, types: tree.types, ignoring: nil, on: engine)
    }

    /// One named array as bytes.
    static func entry(_ name: String, _ array: DeviceArray) throws -> TensorEntry {
        try TensorEntry(
            name: name, dataType: array.type.elementType, shape: array.type.shape, bytes: array.values(as: UInt8.self))
    }

    /// - Parameter ignoring: names that may be there besides; nil allows any.
    static func arrays(
        of file: SafetensorsFile, names: [String], types: [TensorType], ignoring: [String]?, on engine: Engine
    ) throws -> [DeviceArray] {
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
        return try found.map { try DeviceArray($0.bytes(), $1, on: engine.device) }
    }
}
