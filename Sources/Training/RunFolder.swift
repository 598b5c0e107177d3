public import Datasets
import Formats
public import Foundation

/// The folder of a run: `config.json`, `metrics.jsonl`, `checkpoints/step-N.safetensors`, `samples/`.
public struct RunFolder: Sendable {
    /// Where it is.
    public let url: URL

    /// - Parameter url: need not be there yet
    public init(_ url: URL) { self.url = url }

    /// `config.json`.
    public var configurationFile: URL { url.appendingPathComponent("config.json") }

    /// `metrics.jsonl`.
    public var metricsFile: URL { url.appendingPathComponent("metrics.jsonl") }

    /// The file whose lock is the right to write the run.
    public var lockFile: URL { url.appendingPathComponent(".lock") }

    /// `samples`.
    public var samplesFolder: URL { url.appendingPathComponent("samples", isDirectory: true) }

    private var checkpointsFolder: URL { url.appendingPathComponent("checkpoints", isDirectory: true) }

    /// `samples/step-N.png`.
    public func pictureFile(step: Int) -> URL { samplesFolder.appendingPathComponent("step-\(step).png") }

    /// `checkpoints/step-N.safetensors`.
    public func checkpointFile(step: Int) -> URL {
        checkpointsFolder.appendingPathComponent("step-\(step).safetensors")
    }

    /// Whether a run was begun here.
    public var exists: Bool { FileManager.default.fileExists(atPath: configurationFile.path) }

    /// Makes the folders of a run where they are missing.
    public func make() throws {
        for folder in [url, checkpointsFolder, samplesFolder] {
            do {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            } catch {
                throw TrainingError.unwritable(folder.path)
            }
        }
    }

    /// Writes the configuration, and the folders of a run where they are missing.
    ///
    /// - Parameters:
    ///   - configuration: what was chosen
    ///   - data: the images that the run is trained on, where that is known
    public func save(_ configuration: RunConfiguration, data: DatasetIdentity? = nil) throws {
        try make()
        try AtomicFile.write([UInt8](RunFile.encoded(configuration, data: data)), to: configurationFile)
    }

    /// The run's settings.
    ///
    /// - Parameter base: settings for what the file leaves out
    /// - Throws: ``TrainingError/noRun(_:)``, or what is wrong with the file.
    public func file(over base: RunConfiguration = RunConfiguration()) throws -> RunFile {
        guard exists else { throw TrainingError.noRun(url.path) }
        let data = Data(try OpenFile.bytes(of: configurationFile.path))
        return try RunFile(data, path: configurationFile.path, over: base)
    }

    /// Steps that have a checkpoint, ascending.
    public func checkpointSteps() -> [Int] { steps(in: checkpointsFolder, ending: ".safetensors") }

    /// Steps that have a picture, ascending.
    public func pictureSteps() -> [Int] { steps(in: samplesFolder, ending: ".png") }

    private func steps(in folder: URL, ending: String) -> [Int] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.compactMap { name in
            guard name.hasPrefix("step-"), name.hasSuffix(ending) else { return nil }
            return Int(name.dropFirst("step-".count).dropLast(ending.count))
        }.sorted()
    }

    /// The checkpoint of a step, or the last one.
    ///
    /// - Throws: ``TrainingError/noCheckpoint(_:available:asked:)``
    public func checkpoint(step: Int? = nil) throws(TrainingError) -> URL {
        let available = checkpointSteps()
        guard let found = step ?? available.last, available.contains(found) else {
            throw .noCheckpoint(url.path, available: available, asked: step)
        }
        return checkpointFile(step: found)
    }

    /// Removes all but the newest `count` checkpoints.
    func keepNewestCheckpoints(_ count: Int) {
        for step in checkpointSteps().dropLast(count) {
            try? FileManager.default.removeItem(at: checkpointFile(step: step))
        }
    }
}
