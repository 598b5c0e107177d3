import Compute
import Flows
import Foundation
import Models
import NN
import Sampling
import Settings
import Training

/// The network that a run's guidance leads away from, where that is another one.
struct WeakerRun {
    private let folder: RunFolder
    private let checkpoint: Int?
    private let configuration: RunConfiguration

    /// Nil where guidance needs no other network.
    ///
    /// - Parameters:
    ///   - own: the folder of the run that is sampled
    ///   - configuration: how it is sampled
    /// - Throws: ``TrainingError`` where the other run is none, ``SamplingRunError/otherField(path:reason:)`` where its
    ///   velocities are not of the same path from the same noise.
    init?(of own: RunFolder, _ configuration: RunConfiguration) throws {
        guard case .weaker(let run, let checkpoint) = configuration.guidance.baseline else { return nil }
        let isOther = !run.isEmpty
        folder = isOther ? RunFolder(URL(fileURLWithPath: run, isDirectory: true)) : own
        self.configuration = isOther ? try folder.file().configuration : configuration
        self.checkpoint = checkpoint > 0 ? checkpoint : isOther ? nil : own.checkpointSteps().first
        guard isOther else { return }
        let (network, other) = (try configuration.model.makeNetwork(), try self.configuration.model.makeNetwork())
        func refuse(_ reason: String) -> SamplingRunError { .otherField(path: run, reason: reason) }
        guard network.imageShape == other.imageShape else {
            throw refuse("draws images of \(other.imageShape), not \(network.imageShape)")
        }
        guard network.classCount == other.classCount else {
            throw refuse("has \(other.classCount) labels, not \(network.classCount)")
        }
        guard self.configuration.differences(from: configuration).allSatisfy({ !$0.isOfPath }) else {
            throw refuse("is of another path")
        }
        _ = try folder.checkpoint(step: self.checkpoint)
    }

    func network(on engine: Engine) throws -> WeakerNetwork {
        let network = try configuration.model.makeNetwork()
        let weights = try SavedWeights(
            folder, configuration, ParameterTree(of: network), step: checkpoint,
            averaged: configuration.sampling.averagedWeights
        ).arrays(on: engine)
        return WeakerNetwork(configuration.velocityField(of: network), weights: weights)
    }
}

extension SettingDifference {
    fileprivate var isOfPath: Bool { key == "path" || key.hasPrefix("path.") }
}
