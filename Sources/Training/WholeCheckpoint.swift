import Formats
import Foundation
package import Settings

/// A checkpoint that is not what its name, its run and its checksums say.
public struct DamagedCheckpoint: Sendable, Equatable, CustomStringConvertible {
    /// Whose state the file should hold.
    public let step: Int
    /// What is wrong with it, a phrase.
    public let reason: String

    public var description: String { "the checkpoint of step \(step) is not whole (\(reason))" }
}

extension RunFolder {
    /// The newest checkpoint that is whole, and the newer ones that are not.
    ///
    /// - Parameter configuration: the run's
    /// - Returns: no step where there is no checkpoint at all
    /// - Throws: ``TrainingError/noWholeCheckpoint(_:_:)``
    package func newestWholeCheckpoint(
        of configuration: RunConfiguration
    ) throws -> (step: Int?, damaged: [DamagedCheckpoint]) {
        var damaged: [DamagedCheckpoint] = []
        for step in checkpointSteps().reversed() {
            guard let reason = try damage(ofCheckpoint: step, configuration) else { return (step, damaged) }
            damaged.append(DamagedCheckpoint(step: step, reason: reason))
        }
        guard damaged.isEmpty else { throw TrainingError.noWholeCheckpoint(url.relativePath, damaged) }
        return (nil, [])
    }

    /// Reads all of a checkpoint, and says what is wrong with it; nil where it is whole.
    package func damage(ofCheckpoint step: Int, _ configuration: RunConfiguration) throws -> String? {
        do {
            let file = try SafetensorsFile(contentsOf: checkpointFile(step: step))
            try check(file, step: step, configuration)
            try file.check()
            return nil
        } catch let error as FormatError {
            return "\(error)"
        } catch let error as ForeignCheckpoint {
            return "\(error)"
        }
    }

    /// Opens a checkpoint and calls `body` with it: of a step, or the newest that is whole as far as `body` reads it.
    ///
    /// A checkpoint that is removed meanwhile by whoever writes the run is no loss: there is a newer one.
    /// - Throws: ``TrainingError``, what is wrong with the checkpoint of `step`, and what `body` throws but `FormatError`.
    func withCheckpoint<Result>(
        step: Int?, of configuration: RunConfiguration, _ body: (SafetensorsFile) throws -> Result
    ) throws -> (result: Result, step: Int, damaged: [DamagedCheckpoint]) {
        func read(_ step: Int) throws -> Result {
            let file = try SafetensorsFile(contentsOf: checkpointFile(step: step))
            try check(file, step: step, configuration)
            return try body(file)
        }
        if let step {
            _ = try checkpoint(step: step)
            return (try read(step), step, [])
        }
        var damaged: [DamagedCheckpoint] = []
        var steps = checkpointSteps()
        while let step = steps.popLast() {
            do {
                return (try read(step), step, damaged)
            } catch let error as FormatError where exists(checkpoint: step) {
                damaged.append(DamagedCheckpoint(step: step, reason: "\(error)"))
            } catch let error as ForeignCheckpoint {
                damaged.append(DamagedCheckpoint(step: step, reason: "\(error)"))
            } catch is FormatError {
                let passedOver = Set(damaged.map(\.step))
                steps = checkpointSteps().filter { !passedOver.contains($0) }
            }
        }
        guard damaged.isEmpty else { throw TrainingError.noWholeCheckpoint(url.relativePath, damaged) }
        throw TrainingError.noCheckpoint(url.path, available: [], asked: nil)
    }

    private func exists(checkpoint step: Int) -> Bool {
        FileManager.default.fileExists(atPath: checkpointFile(step: step).path)
    }

    /// Holds what a checkpoint says of itself against its name and its run. Weights of another program say nothing.
    private func check(_ file: SafetensorsFile, step: Int, _ configuration: RunConfiguration) throws {
        if let own = try file[Checkpoint.stepName]?.values(as: Int64.self).first, own != Int64(step) {
            throw ForeignCheckpoint(reason: "it holds the state after step \(own)")
        }
        if let own = file.metadata["step"], own != "\(step)" {
            throw ForeignCheckpoint(reason: "it is of step \(own)")
        }
        let seed = configuration.training.seed
        if let own = try file[Checkpoint.seedName]?.values(as: UInt64.self).first, own != seed {
            throw ForeignCheckpoint(reason: "it was trained with training.seed \(own), the run's is \(seed)")
        }
        guard let settings = file.metadata[Checkpoint.settingsKey] else { return }
        let own = try RunFile(Data(settings.utf8), path: file.path).configuration
        let differences = configuration.differences(from: own).filter { $0.decidesTheResult }
        guard differences.isEmpty else {
            throw ForeignCheckpoint(
                reason: "it was trained with other settings than config.json has: "
                    + differences.map(\.description).joined(separator: "; "))
        }
    }

    /// Puts checkpoints aside that are not whole, so that nothing takes them for the newest ones.
    package func putAside(_ damaged: [DamagedCheckpoint]) throws {
        for checkpoint in damaged {
            let file = checkpointFile(step: checkpoint.step)
            guard rename(file.path, file.path + ".damaged") == 0 else { throw TrainingError.unwritable(file.path) }
        }
    }
}

extension SettingDifference {
    /// Whether a run cannot go on with it.
    package var decidesTheResult: Bool { !declaration.mayChangeOnResume }
}

/// A checkpoint that belongs elsewhere.
private struct ForeignCheckpoint: Error, CustomStringConvertible {
    let reason: String

    var description: String { reason }
}
