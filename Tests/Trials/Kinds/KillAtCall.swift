import Foundation

/// The process is killed before, amid or after one call of the system.
enum KillAtCall: TrialKind {
    static let name = "killed at a call"

    static func perform(_ trial: Trial) throws {
        let (workshop, isNew) = (trial.workshop, trial.draw(below: 2) == 0)
        let source = isNew ? workshop.reference : workshop.resumption
        let point = CallPoint.draw(
            from: source.calls, in: source.run,
            named: ["open", "write", "rename", "fsync", "ftruncate", "mkdir", "unlink"], using: &trial.random)
        let run = isNew ? trial.run : try trial.copyOfCutOffRun()
        var command = isNew ? workshop.train(run) : workshop.resume(run)
        command.disturb(
            under: run, call: point.name, at: point.number,
            deed: trial.draw(from: ["kill-before", "kill-amid", "kill-after"]), by: workshop.faultInjection)
        _ = try trial.launch(command, killedBy: SIGKILL)
        try trial.heal(run)
    }
}
