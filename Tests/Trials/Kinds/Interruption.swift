import Foundation

/// Ctrl-C, a request to end, or a lost connection at an instant.
enum Interruption: TrialKind {
    static let name = "interrupted"

    static func perform(_ trial: Trial) throws {
        let workshop = trial.workshop
        var command = workshop.train(trial.run)
        let number = trial.draw(from: [SIGINT, SIGTERM, SIGHUP])
        command.signal = (number, trial.draw(below: Int(workshop.reference.seconds * 1200)))
        // A signal that comes before the program hears any ends it.
        let outcome = try trial.launch(command, killedBy: number)
        guard [.exit(0), .exit(128 + number), .signal(number)].contains(outcome.ending) else {
            throw Fault(.unclear, "signal \(number) ends in \(outcome.lastWords)")
        }
        try trial.heal(trial.run)
    }
}
