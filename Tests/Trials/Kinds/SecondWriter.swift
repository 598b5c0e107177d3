import Foundation

/// A second process wants to write a run while the first does.
enum SecondWriter: TrialKind {
    static let name = "two writers"

    static func perform(_ trial: Trial) throws {
        let workshop = trial.workshop
        let first = workshop.train(trial.run)
        let job = try trial.begin(first)
        let file = trial.run.appendingPathComponent("config.json").path
        for _ in 0..<1000 where !FileManager.default.fileExists(atPath: file) { usleep(10_000) }
        usleep(UInt32(trial.draw(below: Int(workshop.reference.seconds * 500_000))))
        let second = try trial.launch(workshop.resume(trial.run))
        let outcome = try trial.finish(job, first, back: 1)
        guard outcome.ending == .exit(0) else { throw Fault(.loss, "the first writer: \(outcome.lastWords)") }
        // The second may have come when the first had saved all and was about to end.
        try trial.expectClear(second)
        try trial.heal(trial.run)
    }
}
