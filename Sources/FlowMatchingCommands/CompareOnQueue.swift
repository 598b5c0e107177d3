import ArgumentParser
public import Experiments
import Foundation

/// Where a comparison is done.
enum ComparisonPlace: Equatable, ExpressibleByArgument {
    case local
    /// By a batch system of this name.
    case queue(String)

    init?(argument: String) {
        switch argument {
        case "local": self = .local
        case _ where JobQueues.names.contains(argument): self = .queue(argument)
        default: return nil
        }
    }

    static var allValueStrings: [String] { ["local"] + JobQueues.names }
}

extension ComparisonPart: ExpressibleByArgument {}

extension QueuedCommand {
    /// This process's command, from this folder, but done here and whole.
    static var compareHere: QueuedCommand {
        QueuedCommand(
            program: (Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])).resolvingSymlinksInPath(),
            arguments: CommandLine.words(without: Compare.optionsOfParts),
            workingFolder: URL(filePath: FileManager.default.currentDirectoryPath, directoryHint: .isDirectory))
    }
}

extension Compare {
    /// Options that say who does what of a comparison, and not which it is.
    static let optionsOfParts: Set<String> = ["--on", "--slurm-option", "--part"]

    /// Says what the jobs of a batch system are at until the report is there. An interruption leaves them alone.
    func follow(_ comparison: QueuedComparison, _ queue: any JobQueue) throws {
        let title = type(of: queue).title
        var jobs: [String] = []
        var progress: ProgressBar?
        Interruption.beginSaving()
        let isInterrupted = { Interruption.isRequested }
        let report = try comparison.run(until: isInterrupted) { event in
            switch event {
            case .submitted(let runs, let submitted):
                jobs = submitted
                let trained = runs == 0 ? "" : runs == 1 ? "1 run and " : "\(runs) runs and "
                Terminal.note("submitted \(trained)the report to \(title)")
                Terminal.note(help(jobs, queue))
            case .attached(let attached):
                jobs = attached
                Terminal.note("\(title)'s jobs of this command are at work already; following them")
                Terminal.note(help(jobs, queue))
            case .run(let run, let state): Terminal.note("\(run.title): \(text(state))")
            case .report(let state): Terminal.note("report: \(text(state))")
            case .notice(let text): Terminal.note(text)
            case .steps(let done, let total):
                // What was done before counts for the bar, not for the rate.
                if progress == nil {
                    progress = ProgressBar(total: total, first: done)
                } else {
                    progress?.update(done, "steps of all runs")
                }
            }
        }
        guard let report else {
            Terminal.note("the jobs go on; the same command follows them again")
            Terminal.note(help(jobs, queue))
            throw ExitCode(Interruption.exitCode)
        }
        try Terminal.write(Data(report.output.utf8))
        if !report.isGood { throw ExitCode(1) }
    }

    private func help(_ jobs: [String], _ queue: any JobQueue) -> String {
        "`\(queue.commandToShow(jobs))` shows them, `\(queue.commandToCancel(jobs))` ends them"
    }

    private func text(_ state: TaskState) -> String {
        switch state {
        case .waiting(let reason): "waits" + (reason.map { " \($0)" } ?? "")
        case .running(let node): "runs" + (node.isEmpty ? "" : " on \(node)")
        case .ended: "done"
        case .failed(let why): why
        }
    }
}
