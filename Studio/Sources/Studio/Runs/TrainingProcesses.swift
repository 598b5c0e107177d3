import Foundation
import HTTPTypes
import Settings
import Training

/// Trainings that the studio starts and stops. Each is a process of its own, which goes on when the studio ends.
actor TrainingProcesses {
    private let program: URL
    private let runs: RunsFolder
    private var started: [String: Started] = [:]
    /// More trainings at a time than any machine is good for.
    private static let mostAtATime = 8

    private struct Started {
        let process: Process
        /// What it says.
        let log: URL
    }

    /// - Parameter program: one that trains as `flowmatch train` does
    init(program: URL, runs: RunsFolder) {
        self.program = program
        self.runs = runs
    }

    /// Begins a new run.
    ///
    /// - Parameters:
    ///   - configuration: the run's settings
    ///   - name: of a run that is not there
    /// - Throws: ``Refusal``
    func begin(_ configuration: RunConfiguration, _ name: String) throws {
        let place = try runs.place(of: name)
        guard (try? FileManager.default.attributesOfItem(atPath: place.path)) == nil else {
            throw Refusal(.conflict, "there is something called '\(name)' already")
        }
        let parent = place.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        // A link on the way may lead elsewhere.
        if parent.path != runs.path {
            _ = try runs.file(parent.lastPathComponent, of: parent.deletingLastPathComponent())
        }
        let changes = configuration.differences(from: RunConfiguration()).flatMap { difference in
            configuration.flattened().filter { $0.key == difference.key || $0.key.hasPrefix(difference.key + ".") }
        }
        try start(name, ["train", "--out", place.path] + changes.flatMap { ["--set", "\($0.key)=\($0.value)"] })
    }

    /// Has a run go on.
    ///
    /// - Parameter steps: in total; left out, those that the run has
    /// - Throws: ``Refusal``
    func resume(_ name: String, steps: Int?) throws {
        let folder = try runs.run(name)
        if let writer = folder.writer { throw Refusal(.conflict, "'\(name)' is being trained already, by \(writer)") }
        try start(name, ["train", "--resume", folder.url.path] + (steps.map { ["--steps", "\($0)"] } ?? []))
    }

    private func start(_ name: String, _ arguments: [String]) throws {
        if let known = started[name], known.process.isRunning {
            throw Refusal(.conflict, "'\(name)' is being trained already")
        }
        let running = started.values.count { $0.process.isRunning }
        guard running < TrainingProcesses.mostAtATime else {
            throw Refusal(.conflict, "\(running) trainings run already; stop one first")
        }
        let log = FileManager.default.temporaryDirectory.appendingPathComponent("studio-\(UUID().uuidString).log")
        guard FileManager.default.createFile(atPath: log.path, contents: nil),
            let output = try? FileHandle(forWritingTo: log)
        else { throw Refusal(.internalServerError, "\(log.path) cannot be written") }
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        do {
            try TrainingProcesses.hearingSignals { try process.run() }
        } catch {
            throw Refusal(.internalServerError, "\(program.path) cannot be started: \(error.localizedDescription)")
        }
        started[name] = Started(process: process, log: log)
    }

    /// The threads of Swift's tasks block all signals, and a process begins with the mask of the thread that starts it: one
    /// that is to be stopped by a signal must not.
    private static func hearingSignals<Result>(_ body: () throws -> Result) rethrows -> Result {
        var (none, own) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &own)
        defer { pthread_sigmask(SIG_SETMASK, &own, nil) }
        return try body()
    }

    /// Has a training save and end, whoever started it on this machine.
    ///
    /// - Throws: ``Refusal``
    func stop(_ name: String) throws {
        if let known = started[name], known.process.isRunning {
            known.process.interrupt()
            return
        }
        let folder = try runs.run(name)
        guard let writer = folder.writer else { throw Refusal(.conflict, "nobody trains '\(name)'") }
        guard let process = TrainingProcesses.process(writing: folder, saying: writer) else {
            throw Refusal(.conflict, "'\(name)' is trained by \(writer), which cannot be stopped from here")
        }
        guard kill(process, SIGINT) == 0 else {
            throw Refusal(.forbidden, "process \(process) cannot be stopped: \(String(cString: strerror(errno)))")
        }
    }

    /// The process that a lock's note names, where it is one that has the lock's file open: a note alone proves nothing.
    private static func process(writing folder: RunFolder, saying note: String) -> pid_t? {
        let words = note.split(separator: " ")
        guard words.count > 1, words[0] == "process", let number = pid_t(words[1]), number > 1 else { return nil }
        let files = "/proc/\(number)/fd"
        let open = (try? FileManager.default.contentsOfDirectory(atPath: files)) ?? []
        let isOpen = open.contains {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(files)/\($0)")) == folder.lockFile.path
        }
        return isOpen ? number : nil
    }

    /// What a training that was started here has to say: nil where none was, or all is well.
    func failure(of name: String) -> String? {
        guard let known = started[name], !known.process.isRunning, known.process.terminationStatus != 0 else {
            return nil
        }
        let text = (try? String(contentsOf: known.log, encoding: .utf8)) ?? ""
        let said = text.split(separator: "\n").suffix(6).joined(separator: "\n")
        return said.isEmpty ? "the training ended with code \(known.process.terminationStatus)" : said
    }

    /// Names of runs that are being started: they have no folder yet.
    var beginning: [String] {
        started.filter { $0.value.process.isRunning && (try? runs.run($0.key)) == nil }.keys.sorted()
    }

    /// Names of the trainings that go on.
    var running: [String] { started.filter { $0.value.process.isRunning }.keys.sorted() }
}
