public import Compute
public import Foundation
import Models
import NN
import Settings
public import Training

/// A run made of weights that another program trained.
///
/// Its checkpoint is of step 0: it can be sampled and exported, and trained with any settings but another model's.
public struct ImportedRun: Sendable {
    private let file: URL
    private let configuration: RunConfiguration

    /// - Parameter file: a state_dict in safetensors form
    public init(_ file: URL, _ configuration: RunConfiguration) {
        self.file = file
        self.configuration = configuration
    }

    /// Writes the run.
    ///
    /// - Returns: the number of its parameters
    /// - Throws: ``TrainingError/checkpointMismatch(path:missing:unexpected:misshapen:)`` listing every tensor that does
    ///   not fit, before anything is written.
    public func write(to folder: RunFolder, on engine: @autoclosure () throws -> Engine) throws -> Int {
        let tree = try ParameterTree(of: configuration.model.makeNetwork())
        guard !folder.exists else { throw TrainingError.folderExists(folder.url.relativePath) }
        let weights = try WeightFile.read(file, tree, on: engine())
        try folder.make()
        let lock = try RunLock(folder)
        defer { withExtendedLifetime(lock) {} }
        try folder.save(configuration)
        try WeightFile.write(weights, tree, to: folder.checkpointFile(step: 0))
        return tree.trainableCount
    }
}
