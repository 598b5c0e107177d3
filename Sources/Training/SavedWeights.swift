public import Compute
package import Formats
public import NN
import StableHLO

/// The weights of a run's checkpoint, read and found whole, before they are on any device.
public struct SavedWeights: Sendable {
    /// The checkpoint's step.
    public let step: Int
    /// Newer checkpoints that were passed over.
    public let damaged: [DamagedCheckpoint]
    private let values: [(bytes: [UInt8], type: TensorType)]

    /// Reads the weights of a step, or of the newest checkpoint whose weights are whole.
    ///
    /// - Parameters:
    ///   - folder: of the run
    ///   - configuration: the run's
    ///   - tree: of the run's network
    ///   - step: whose checkpoint; nil for the newest that is whole
    ///   - averaged: whether the averaged weights are wanted where they are there
    /// - Throws: ``TrainingError``, `FormatError`
    public init(
        _ folder: RunFolder, _ configuration: RunConfiguration, _ tree: ParameterTree, step: Int? = nil,
        averaged: Bool = true
    ) throws {
        let found = try folder.withCheckpoint(step: step, of: configuration) { file in
            let prefix = averaged && file.names.contains { $0.hasPrefix("ema.") } ? "ema." : ""
            return try Checkpoint.arrays(
                of: file, names: tree.names.map { prefix + $0 }, types: tree.types, ignoring: nil)
        }
        (values, self.step, damaged) = found
    }

    /// Copies the weights to a device.
    public func arrays(on engine: Engine) throws -> [DeviceArray] {
        try values.map { try DeviceArray($0.bytes, $0.type, on: engine.device) }
    }

    /// The weights under the names of the network's tree.
    package func tensors(_ tree: ParameterTree) throws -> [TensorEntry] {
        try zip(tree.names, values).map {
            try TensorEntry(name: $0, dataType: $1.type.elementType, shape: $1.type.shape, bytes: $1.bytes)
        }
    }

    /// What was passed over, in a sentence each.
    public var notices: [String] { damaged.map { "\($0); using that of step \(step)" } }
}
