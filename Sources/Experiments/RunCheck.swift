import Formats
import Foundation
public import Training

/// Everything that a run's folder holds, read and held against its checksums.
public struct RunCheck: Sendable {
    /// A file, and whether it is whole.
    public struct Finding: Sendable, Equatable {
        /// The file, within the run's folder.
        public let file: String
        /// What it holds, where it is whole.
        public let content: String
        /// What is wrong with it, a phrase each; empty where it is whole.
        public let problems: [String]
    }

    /// In the order of the folder's listing.
    public private(set) var findings: [Finding] = []
    private let folder: RunFolder

    /// Whether nothing is wrong with any file.
    public var isWhole: Bool { findings.allSatisfy(\.problems.isEmpty) }

    /// Reads a run.
    ///
    /// - Parameters:
    ///   - folder: of the run
    ///   - onFinding: told of each file as soon as it is read
    /// - Throws: ``TrainingError/noRun(_:)``, and what `onFinding` throws.
    public init(_ folder: RunFolder, onFinding: (Finding) throws -> Void = { _ in }) throws {
        self.folder = folder
        guard folder.exists else { throw TrainingError.noRun(folder.url.path) }
        var configuration: RunConfiguration?
        try find("config.json", onFinding) {
            let file = try folder.file()
            configuration = file.configuration
            return "the settings, of form \(file.format)"
        }
        let steps = folder.checkpointSteps()
        try findMetrics(through: steps.last ?? 0, onFinding)
        for step in steps {
            let name = "checkpoints/step-\(step).safetensors"
            try find(name, onFinding) {
                // Without settings, the file's own checksums are all there is.
                let file = try SafetensorsFile(contentsOf: folder.checkpointFile(step: step))
                let problem = try configuration.flatMap { try folder.damage(ofCheckpoint: step, $0) }
                if let problem { throw Damage(reason: problem) }
                if configuration == nil { try file.check() }
                return file.isChecked
                    ? "the state after step \(step)" : "the state after step \(step), without checksums"
            }
        }
        for name in files(in: "samples") where name.hasSuffix(".png") {
            try find(name, onFinding) {
                let picture = try PNG.decode([UInt8](Data(contentsOf: folder.url.appendingPathComponent(name))))
                return "a picture of \(picture.width) x \(picture.height)"
            }
        }
        for name in files(in: "") where name.contains("tfevents") {
            try find(name, onFinding) {
                "\(try TensorBoardEventFile.check(folder.url.appendingPathComponent(name))) records for TensorBoard"
            }
        }
        for name in files(in: "") where name.hasSuffix(".safetensors") {
            try find(name, onFinding) {
                let file = try SafetensorsFile(contentsOf: folder.url.appendingPathComponent(name))
                try file.check()
                return "\(file.names.count) tensors" + (file.isChecked ? "" : ", without checksums")
            }
        }
    }

    private struct Damage: Error, CustomStringConvertible {
        let reason: String

        var description: String { reason }
    }

    private mutating func find(
        _ name: String, _ onFinding: (Finding) throws -> Void, read: () throws -> String
    ) throws {
        let finding: Finding
        do {
            finding = Finding(file: name, content: try read(), problems: [])
        } catch {
            finding = Finding(file: name, content: "", problems: ["\(error)"])
        }
        findings.append(finding)
        try onFinding(finding)
    }

    /// Records may go on beyond the last checkpoint; the last line may be at being written.
    private mutating func findMetrics(through last: Int, _ onFinding: (Finding) throws -> Void) throws {
        let finding: Finding
        do {
            let metrics = try MetricsLog(folder.metricsFile).contents()
            let recorded = metrics.records.last?.step ?? 0
            let missing = recorded < last ? [MetricsProblem.missing(steps: recorded + 1...last)] : []
            finding = Finding(
                file: "metrics.jsonl", content: "the records of \(metrics.records.count) steps",
                problems: (metrics.problems + missing).map(\.description))
        } catch {
            finding = Finding(file: "metrics.jsonl", content: "", problems: ["\(error)"])
        }
        findings.append(finding)
        try onFinding(finding)
    }

    /// Names within the run's folder, sorted as people do.
    private func files(in subfolder: String) -> [String] {
        let url = subfolder.isEmpty ? folder.url : folder.url.appendingPathComponent(subfolder)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
            .map { subfolder.isEmpty ? $0 : "\(subfolder)/\($0)" }
    }
}
