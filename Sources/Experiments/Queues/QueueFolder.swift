import Formats
import Foundation

/// The jobs that work on a comparison, as `jobs.json` keeps them for those who follow.
struct QueuedJobs: Codable, Equatable {
    /// Of the command whose comparison it is.
    let arguments: [String]
    /// The job that trains; nil where nothing was left to train.
    let training: String?
    /// Its tasks: numbers of runs.
    let tasks: [Int]
    /// The job that makes the report.
    let report: String

    /// In the order in which they are done.
    var all: [String] { (training.map { [$0] } ?? []) + [report] }

    var trainings: [QueuedTask] { training.map { job in tasks.map { QueuedTask(job: job, number: $0) } } ?? [] }
}

/// What the job of a report came to.
package struct QueuedReport: Sendable, Equatable {
    /// What it wrote to its standard output, which it does once the report is written.
    package let output: String
    /// Whether it ended as it should: at least one of the runs is worth the report.
    package let isGood: Bool
}

/// The folder of a comparison's jobs, in the comparison's: their scripts, outputs (`.out`) and logs (`.log`), and
/// `jobs.json`.
struct QueueFolder {
    let url: URL

    init(_ url: URL) { self.url = url }

    private var jobsFile: URL { url.appending(path: "jobs.json") }

    /// The right to submit jobs; makes the folder where it is missing.
    ///
    /// - Returns: the lock, and why there is none where the file system cannot lock
    func lock() throws -> (lock: FileLock?, weakness: String?) {
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            throw FormatError.cannotWrite(path: url.relativePath, reason: error.localizedDescription)
        }
        let process = ProcessInfo.processInfo
        do {
            let note = "process \(process.processIdentifier) on \(process.hostName)"
            return (try FileLock(url.appending(path: ".lock").path(percentEncoded: false), note: note), nil)
        } catch FileLock.Failure.held(let note) {
            throw QueueError.submitting(folder: url.deletingLastPathComponent().relativePath, by: note)
        } catch FileLock.Failure.unsupported(let reason) {
            return (nil, "\(url.relativePath) cannot be locked (\(reason)): do not give the same command twice at once")
        }
    }

    /// The jobs that were submitted last; nil where none were.
    ///
    /// - Throws: `FormatError.cannotRead`
    func jobs() throws -> QueuedJobs? {
        let path = jobsFile.path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            return try JSONDecoder().decode(QueuedJobs.self, from: Data(OpenFile.bytes(of: path)))
        } catch let error as DecodingError {
            throw FormatError.cannotRead(
                path: path, reason: "it is no list of jobs (\(error)); remove it once none of them works any more")
        }
    }

    func save(_ jobs: QueuedJobs) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write([UInt8](encoder.encode(jobs)), to: jobsFile)
    }

    /// What a job or a task wrote to its standard output.
    private func output(_ stem: String) throws -> String {
        let path = url.appending(path: "\(stem).out").path(percentEncoded: false)
        return String(decoding: try OpenFile.bytes(of: path), as: UTF8.self)
    }

    /// Removes what an earlier job of this name wrote to its standard output.
    func forgetOutput(_ stem: String) { try? FileManager.default.removeItem(at: url.appending(path: "\(stem).out")) }

    func log(_ stem: String) -> URL { url.appending(path: "\(stem).log") }

    /// The last words in a log; nil where it has none.
    func lastLine(of log: URL) -> String? {
        guard let bytes = try? OpenFile.bytes(of: log.path(percentEncoded: false)) else { return nil }
        return String(decoding: bytes.suffix(4_096), as: UTF8.self).split(whereSeparator: \.isNewline)
            .last { !$0.allSatisfy(\.isWhitespace) }.map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// What the job of the report came to.
    ///
    /// - Throws: ``QueueError/noReport(why:log:lastLine:)``
    func report(_ failure: String?) throws -> QueuedReport {
        let output = (try? output("report")) ?? ""
        guard let failure, output.isEmpty else { return QueuedReport(output: output, isGood: failure == nil) }
        let log = log("report")
        throw QueueError.noReport(why: failure, log: log.relativePath, lastLine: lastLine(of: log))
    }

    /// How the job of the report ended, of which its queue knows nothing any more: all that it writes to its standard output
    /// comes once the report is written.
    var stateOfForgottenReport: TaskState {
        let output = try? output("report")
        return output.map { !$0.isEmpty } ?? false ? .ended : .failed("ended without a word")
    }
}
