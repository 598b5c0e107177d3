import Foundation

/// Output that is full, closed or not read.
enum ClosedOutput: TrialKind {
    static let name = "output closed or full"

    static func perform(_ trial: Trial) throws {
        let workshop = trial.workshop
        let isTraining = trial.draw(below: 2) == 0
        var command = isTraining ? workshop.train(trial.run) : Command(trial.draw(from: talkers))
        let way = trial.draw(from: [">/dev/full", "2>/dev/full", ">&-", "2>&-", ">&- 2>&-", "2>&1 >/dev/full", "|"])
        if way == "|" {
            command.redirection = "1>&3"
            command.prelude = "exec 3> >(true); sleep 0.2;"
        } else {
            command.redirection = way
        }
        let outcome = try trial.launch(command, killedBy: SIGPIPE)
        try expect(outcome, way, isTraining)
        if isTraining { try trial.heal(trial.run) }
    }

    private static let talkers = [
        ["info", "--model", "unet"], ["settings"], ["data"], ["--help"], ["settings", "path"], ["--version"],
    ]

    private static func expect(_ outcome: Outcome, _ way: String, _ isTraining: Bool) throws {
        let allowed: [Outcome.Ending] =
            switch way {
            case "|": [.exit(0), .exit(141), .signal(SIGPIPE)]
            case ">/dev/full" where !isTraining: [.exit(1)]
            default: [.exit(0), .exit(1)]
            }
        guard allowed.contains(outcome.ending) else { throw Fault(.unclear, "\(way) ends in \(outcome.lastWords)") }
    }
}
