import Formats
package import Foundation
import Synchronization

/// What all trials share: the program, a small data set, a run that nothing disturbed, and one that was cut off.
package final class Workshop: Sendable {
    static let steps = 8
    static let stepsToCheckpoint = 2

    /// A run to compare with, and the calls on files that it took.
    struct Reference {
        let run: URL
        let calls: [FileCall]
        let seconds: Double

        var bytesWritten: Int { calls.reduce(0) { $0 + ($1.name == "write" ? $1.bytes : 0) } }
    }

    let program: URL
    let folder: URL
    let faultInjection: URL
    let environment: [String: String]
    /// Trained from the first step to the last.
    let reference: Reference
    /// What resuming `cutOff` took.
    let resumption: Reference
    /// A run that was killed while it saved its last checkpoint.
    let cutOff: URL
    /// Whether a small file system can be mounted in a name space of its own.
    let canMount: Bool

    /// - Parameter program: the built `flowmatch`
    /// - Throws: ``Fault`` where the program cannot even train undisturbed.
    package init(program: URL) throws {
        self.program = program
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("torture-\(UUID().uuidString.prefix(8))")
            .resolvingSymlinksInPath()
        let data = folder.appendingPathComponent("data")
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
        try Workshop.writeImages(to: data)
        var environment = ProcessInfo.processInfo.environment
        environment["XDG_CACHE_HOME"] = folder.appendingPathComponent("cache").path
        environment["OMP_NUM_THREADS"] = nil
        environment["SWIFT_BACKTRACE"] = "enable=no"
        self.environment = environment
        faultInjection = folder.appendingPathComponent("fault_injection.so")
        let source = SetUp.root.appendingPathComponent("Tests/FaultInjection/fault_injection.c").path
        try Workshop.run(
            "cc=$(command -v clang || command -v cc); \"$cc\" -shared -fPIC -O1 -o '\(faultInjection.path)' '\(source)' -ldl",
            folder, environment)
        canMount =
            (try? Workshop.run("unshare --mount mount -t tmpfs -o size=64k none \(data.path)", folder, environment))
            != nil

        let maker = Maker(program: program, folder: folder, library: faultInjection, environment: environment)
        let first = try maker.train("reference", deed: nil)
        let last = first.calls.filter { $0.name == "rename" }.lastIndex { $0.path.hasSuffix(Workshop.lastCheckpoint) }
        let second = try maker.train("cut-off", deed: ("rename", (last ?? 0) + 1))
        cutOff = second.run
        // The first run compiled; the second took as long as the others will.
        reference = Reference(run: first.run, calls: first.calls, seconds: second.seconds)
        resumption = try maker.resume(cutOff, as: "resumption")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private let knownSamples = Mutex<[Data]?>(nil)

    /// What the two images that trials draw look like, by each checkpoint of the run that was cut off.
    func samples() throws -> [Data] {
        try knownSamples.withLock { known in
            if let known { return known }
            let steps = stride(from: Workshop.stepsToCheckpoint, to: Workshop.steps, by: Workshop.stepsToCheckpoint)
            let samples = try steps.map { step in
                let array = folder.appendingPathComponent("sample-\(step).npy")
                let command = Command(
                    Workshop.sampleArguments(cutOff, to: array) + ["--checkpoint", "\(step)"])
                let files = (folder.appendingPathComponent("output"), folder.appendingPathComponent("errors"))
                let script = command.script(program, output: files.0, errors: files.1)
                let job = try Shell.start(script, in: SetUp.root, environment: environment)
                let ending = Shell.wait(job, atMost: 120).ending
                guard ending == .exit(0) else { throw Fault(.unclear, "the whole run cannot be sampled: \(ending)") }
                return try Data(contentsOf: array)
            }
            known = samples
            return samples
        }
    }

    static func sampleArguments(_ run: URL, to array: URL) -> [String] {
        ["sample", run.path, "--steps", "1", "--labels", "1,2", "--format", "npy", "--out", array.path]
    }

    static let lastCheckpoint = "checkpoints/step-\(steps).safetensors"

    /// The call that trains a run; a new one.
    func train(_ run: URL) -> Command { Command(Workshop.trainArguments(run, folder.appendingPathComponent("data"))) }

    func resume(_ run: URL) -> Command { Command(["train", "--resume", run.path]) }

    static func trainArguments(_ run: URL, _ data: URL) -> [String] {
        let settings = [
            "model.channels=4,8,8", "model.num_residual_layers=1", "model.t_embed_dim=8", "model.y_embed_dim=8",
            "recording.picture_steps=1",
        ]
        return ["train", "--model", "unet", "--data", data.path, "--batch-size", "8", "--steps", "\(steps)"]
            + ["--checkpoint-every", "\(stepsToCheckpoint)", "--tensorboard"] + settings.flatMap { ["--set", $0] }
            + ["--out", run.path]
    }

    private static func writeImages(to folder: URL) throws {
        for (prefix, count) in [("train", 64), ("t10k", 16)] {
            let pixels = (0..<count * 784).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 784) }
            try IDXFile(shape: [count, 28, 28], values: pixels)
                .write(to: folder.appendingPathComponent("\(prefix)-images-idx3-ubyte"))
            try IDXFile(shape: [count], values: (0..<count).map { UInt8($0 % 10) })
                .write(to: folder.appendingPathComponent("\(prefix)-labels-idx1-ubyte"))
        }
    }

    private static func run(_ script: String, _ folder: URL, _ environment: [String: String]) throws {
        let job = try Shell.start("exec 2>/dev/null; \(script)", in: folder, environment: environment)
        let ending = Shell.wait(job, atMost: 60).ending
        guard ending == .exit(0) else { throw Fault(.unclear, "the workshop cannot be set up: \(script): \(ending)") }
    }
}

/// Makes the runs of a workshop.
private struct Maker {
    let program, folder, library: URL
    let environment: [String: String]

    func train(_ name: String, deed: (call: String, number: Int)?) throws -> Workshop.Reference {
        let run = folder.appendingPathComponent(name)
        var command = Command(Workshop.trainArguments(run, folder.appendingPathComponent("data")))
        let log = folder.appendingPathComponent("\(name).log")
        command.disturb(
            under: run, call: deed?.call ?? "", at: deed?.number ?? 0, deed: deed == nil ? "" : "kill-before", log: log,
            by: library)
        return try perform(command, run, log, expecting: deed == nil ? .exit(0) : .signal(SIGKILL))
    }

    func resume(_ cutOff: URL, as name: String) throws -> Workshop.Reference {
        let run = folder.appendingPathComponent(name)
        try FileManager.default.copyItem(at: cutOff, to: run)
        var command = Command(["train", "--resume", run.path])
        let log = folder.appendingPathComponent("\(name).log")
        command.disturb(under: run, log: log, by: library)
        return try perform(command, run, log, expecting: .exit(0))
    }

    private func perform(
        _ command: Command, _ run: URL, _ log: URL, expecting expected: Outcome.Ending
    ) throws -> Workshop.Reference {
        let errors = folder.appendingPathComponent("errors")
        let script = command.script(program, output: folder.appendingPathComponent("output"), errors: errors)
        let job = try Shell.start(script, in: SetUp.root, environment: environment)
        let (ending, seconds) = Shell.wait(job, atMost: 300)
        guard ending == expected else {
            let text = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
            throw Fault(.unclear, "the undisturbed run cannot be made: \(ending): \(text)")
        }
        return Workshop.Reference(run: run, calls: try FileCall.read(log), seconds: seconds)
    }
}
