import Foundation

/// One trial: a folder of its own, its random numbers, and the commands it has run.
final class Trial {
    let workshop: Workshop
    let folder: URL
    var random: TrialRandom
    private(set) var story: [String] = []

    init(_ workshop: Workshop, seed: UInt64, number: Int) throws {
        self.workshop = workshop
        folder = workshop.folder.appendingPathComponent("trial-\(seed)-\(number)")
        random = TrialRandom(seed: seed, trial: number)
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    var run: URL { folder.appendingPathComponent("run") }

    /// A copy of the run that was cut off.
    func copyOfCutOffRun() throws -> URL {
        try FileManager.default.copyItem(at: workshop.cutOff, to: run)
        return run
    }

    func note(_ text: String) { story.append("# " + text) }

    /// A number below `bound`.
    func draw(below bound: Int) -> Int { Int.random(in: 0..<max(1, bound), using: &random) }

    func draw<Element>(from choices: [Element]) -> Element { choices[draw(below: choices.count)] }

    /// Runs the program, and sees that it ends, and not by a signal that nobody sent.
    func launch(_ command: Command, killedBy expected: Int32? = nil) throws -> Outcome {
        try finish(begin(command), command, killedBy: expected)
    }

    /// Starts the program.
    func begin(_ command: Command) throws -> Shell.Job {
        story.append("\(command)")
        let files = outputs(story.count)
        let script = command.script(workshop.program, output: files.output, errors: files.errors)
        return try Shell.start(script, in: SetUp.root, environment: workshop.environment)
    }

    /// Waits for the call that was started last, or for the one that is `back` before it.
    func finish(_ job: Shell.Job, _ command: Command, back: Int = 0, killedBy expected: Int32? = nil) throws -> Outcome
    {
        let (ending, seconds) = Shell.wait(job, signal: command.signal, atMost: command.seconds)
        let files = outputs(story.count - back)
        let outcome = Outcome(
            ending: ending, output: (try? String(contentsOf: files.output, encoding: .utf8)) ?? "",
            errors: (try? String(contentsOf: files.errors, encoding: .utf8)) ?? "", seconds: seconds)
        switch ending {
        case .tookTooLong: throw Fault(.hang, "it did not end within \(command.seconds) s: \(command)")
        case .signal(let number) where number != expected:
            throw Fault(.trap, "signal \(number) ended \(command): \(outcome.lastWords)")
        case .exit(let status) where [132, 133, 134, 135, 136, 139].contains(status):
            throw Fault(.trap, "signal \(status - 128) ended \(command): \(outcome.lastWords)")
        default: break
        }
        if outcome.errors.contains("Fatal error") || outcome.errors.contains("corrupt") && ending != .exit(1) {
            throw Fault(.trap, "\(command): \(outcome.lastWords)")
        }
        return outcome
    }

    private func outputs(_ number: Int) -> (output: URL, errors: URL) {
        (folder.appendingPathComponent("\(number).output"), folder.appendingPathComponent("\(number).errors"))
    }

    func expectClear(_ outcome: Outcome, or allowed: Int32...) throws {
        if case .exit(let status) = outcome.ending, allowed.contains(status) { return }
        guard outcome.isClearRefusal else { throw Fault(.unclear, "no clear error: \(outcome.lastWords)") }
    }

    /// Sees that all that was saved is whole; then lets the run go on to its end, which must be that of the undisturbed
    /// run, bit for bit.
    ///
    /// - Parameter damaged: a file of the run that was damaged: a clear error is then as good an end
    func heal(_ run: URL, damaged: String? = nil) throws {
        let mayRefuse = damaged != nil
        let reference = RunState(workshop.reference.run)
        let before = RunState(run)
        if !mayRefuse, let name = before.foreignCheckpoints(reference).first {
            throw Fault(.loss, "checkpoint \(name) is not what was saved")
        }
        let isThere = FileManager.default.fileExists(atPath: run.appendingPathComponent("config.json").path)
        let outcome = try launch(isThere ? workshop.resume(run) : workshop.train(run))
        if outcome.ending != .exit(0) {
            try expectClear(outcome)
            let isFinished = outcome.errors.contains("already has \(Workshop.steps) steps")
            if !isFinished {
                guard mayRefuse else { throw Fault(.loss, "the run does not go on: \(outcome.lastWords)") }
                let after = RunState(run).checkpoints
                for (name, data) in before.checkpoints where reference.checkpoints[name] == data && after[name] != data
                {
                    throw Fault(.loss, "checkpoint \(name) was whole before resuming failed")
                }
                return
            }
        }
        if let difference = RunState(run).difference(from: reference, damaged: damaged) {
            throw Fault(.loss, difference)
        }
    }
}

/// Where the package is.
enum SetUp {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
}
