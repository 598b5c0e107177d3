import Foundation

/// A run is sampled while it is written and its old checkpoints are removed.
enum ReaderBeside: TrialKind {
    static let name = "read while written"

    static func perform(_ trial: Trial) throws {
        let workshop = trial.workshop
        let run = try trial.copyOfCutOffRun()
        var writer = workshop.resume(run)
        writer.arguments += ["--steps", "40", "--checkpoint-every", "1", "--keep-checkpoints", "1"]
        let job = try trial.begin(writer)
        for number in 1...2 {
            let array = trial.folder.appendingPathComponent("sample-\(number).npy").path
            let reader = Command(
                ["sample", run.path, "--steps", "1", "--labels", "1", "--format", "npy", "--out", array])
            let outcome = try trial.launch(reader)
            guard outcome.ending == .exit(0) else { throw Fault(.unclear, "a reader: \(outcome.lastWords)") }
        }
        let outcome = try trial.finish(job, writer, back: 2)
        guard outcome.ending == .exit(0) else { throw Fault(.loss, "the writer: \(outcome.lastWords)") }
    }
}
