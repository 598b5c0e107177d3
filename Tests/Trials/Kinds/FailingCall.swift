import Foundation

/// One call of the system fails while a run is trained or resumed.
enum FailingCall: TrialKind {
    static let name = "a call fails"

    static func perform(_ trial: Trial) throws {
        let (workshop, isNew) = (trial.workshop, trial.draw(below: 2) == 0)
        let source = isNew ? workshop.reference : workshop.resumption
        let point = CallPoint.draw(
            from: source.calls, in: source.run,
            named: ["open", "open-to-read", "read", "write", "rename", "fsync", "ftruncate", "mkdir", "unlink"],
            using: &trial.random)
        let deeds =
            switch point.name {
            case "write": ["ENOSPC", "EIO", "EDQUOT", "short", "EINTR"]
            case "read": ["EIO", "short", "EINTR"]
            case "open", "open-to-read": ["EACCES", "EMFILE", "EIO", "ENOSPC"]
            default: ["ENOSPC", "EIO", "EACCES"]
            }
        let deed = trial.draw(from: deeds)
        let isLasting = ["ENOSPC", "EIO"].contains(deed) && trial.draw(below: 3) == 0
        let run = isNew ? trial.run : try trial.copyOfCutOffRun()
        var command = isNew ? workshop.train(run) : workshop.resume(run)
        command.disturb(
            under: run, call: point.name, at: point.number, deed: deed, isLasting: isLasting,
            by: workshop.faultInjection)
        let outcome = try trial.launch(command)
        try trial.expectClear(outcome, or: 0)
        // These are no errors: the call is to be made again for the rest.
        if deed == "short" || deed == "EINTR", outcome.ending != .exit(0) {
            throw Fault(.unclear, "\(deed) is not an error: \(outcome.lastWords)")
        }
        try trial.heal(run)
    }
}
