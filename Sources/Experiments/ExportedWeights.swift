public import Compute
public import Flows
import Formats
public import Foundation
import Models
import NN
import StableHLO
public import Training

/// A run's weights, for other programs: a state dict under PyTorch's names.
///
/// The file's metadata has the settings of network, path and prediction, so that ``ImportedRun`` needs no others.
public struct ExportedWeights: Sendable {
    /// How numbers are written; counters stay integers.
    public enum NumberType: String, Sendable, CaseIterable {
        /// IEEE binary32.
        case float32 = "fp32"
        /// IEEE binary16.
        case float16 = "fp16"
        /// The upper half of binary32.
        case bfloat16 = "bf16"

        fileprivate var elementType: ElementType {
            switch self {
            case .float32: .float32
            case .float16: .float16
            case .bfloat16: .bfloat16
            }
        }
    }

    /// The run's network.
    public let network: any ConditionalNetwork
    /// The number of the network's parameters.
    public let parameterCount: Int
    /// The number of tensors.
    public var tensorCount: Int { tensors.count }
    /// What was passed over, in a sentence each.
    public let notices: [String]
    private let configuration: RunConfiguration
    private let tensors: [TensorEntry]

    /// Reads a run's weights.
    ///
    /// - Parameters:
    ///   - folder: of the run
    ///   - step: of the checkpoint; left out, the newest that is whole
    ///   - averaged: whether the averaged weights are wanted where they are there
    ///   - type: of the floating-point numbers in the file
    /// - Throws: `TrainingError`, or `FormatError`, also where the weights are beyond what the type holds.
    public init(_ folder: RunFolder, step: Int? = nil, averaged: Bool = true, as type: NumberType = .float32) throws {
        configuration = try folder.file().configuration
        network = try configuration.model.makeNetwork()
        let tree = try ParameterTree(of: network)
        let saved = try SavedWeights(folder, configuration, tree, step: step, averaged: averaged)
        notices = saved.notices
        parameterCount = tree.trainableCount
        tensors = try saved.tensors(tree).map { tensor in
            tensor.dataType.isFloatingPoint ? try tensor.converted(to: type.elementType) : tensor
        }
    }

    /// Writes a safetensors file.
    public func write(to url: URL) throws {
        try SafetensorsFile.write(tensors, metadata: ExportedSettings.metadata(of: configuration), to: url)
    }

    /// The numbers that are written, on a device and for the network: what a reader of the file computes with.
    public func arrays(on engine: Engine) throws -> [DeviceArray] {
        try tensors.map { tensor in
            let whole = tensor.dataType.isFloatingPoint ? try tensor.converted(to: .float32) : tensor
            return try DeviceArray(
                whole.bytes(), TensorType(whole.shape, whole.dataType), on: engine.device)
        }
    }
}
