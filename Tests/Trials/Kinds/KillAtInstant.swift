import Foundation

/// The process is killed at an instant.
enum KillAtInstant: TrialKind {
    static let name = "killed at an instant"

    static func perform(_ trial: Trial) throws {
        let workshop = trial.workshop
        var command = workshop.train(trial.run)
        let milliseconds = Int(workshop.reference.seconds * 1200)
        command.signal = (SIGKILL, trial.draw(below: milliseconds))
        _ = try trial.launch(command, killedBy: SIGKILL)
        try trial.heal(trial.run)
    }
}
