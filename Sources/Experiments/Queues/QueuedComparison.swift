import Formats
package import Foundation
import Training

/// A comparison that is done by a batch system: a job with a task for each run that is not finished, and after it one that
/// makes the report.
///
/// Every task calls the same command for its ``ComparisonPart``. What the system does to a task, ending it, moving it,
/// beginning it again, costs nothing but time, since a run is taken up where it stands. The jobs need nobody who watches them.
package struct QueuedComparison: Sendable {
    /// In the order of the report.
    package let members: [ComparedRun]
    private let guidance: [Double]
    private let folder: QueueFolder
    private let queue: any JobQueue
    private let command: QueuedCommand
    private let partOption: String
    private let interval: Duration

    package enum Event {
        /// So many runs were handed over, and the report; the jobs, in the order in which they are done.
        case submitted(runs: Int, jobs: [String])
        /// The command was given before, and its jobs are still at it.
        case attached(jobs: [String])
        /// Something else is known of a run than before.
        case run(ComparedRun, TaskState)
        /// Something else is known of the job of the report than before.
        case report(TaskState)
        /// What the runs have together.
        case steps(Int, of: Int)
        /// Something that is not as it should be, in a sentence; the work goes on.
        case notice(String)
    }

    /// - Parameters:
    ///   - folder: of the comparison; on a file system that the machines of the queue see as well
    ///   - command: what makes the whole comparison here
    ///   - partOption: the option by which it takes a ``ComparisonPart``
    ///   - interval: between two questions to the queue
    package init(
        _ members: [ComparedRun], guidance: [Double], in folder: URL, on queue: any JobQueue, by command: QueuedCommand,
        partOption: String, interval: Duration = .seconds(5)
    ) {
        self.members = members
        self.guidance = guidance
        self.folder = QueueFolder(folder.appending(path: type(of: queue).name, directoryHint: .isDirectory))
        self.queue = queue
        self.command = command
        self.partOption = partOption
        self.interval = interval
    }

    /// Submits what is not at work yet, and follows until the report is there.
    ///
    /// - Parameter shouldStop: asked several times a second; the jobs go on
    /// - Returns: nil where it was stopped
    /// - Throws: ``QueueError``; what is wrong with the comparison, before anything is submitted
    package func run(until shouldStop: () -> Bool, onEvent: (Event) throws -> Void) throws -> QueuedReport? {
        let jobs = try begin(onEvent)
        return try follow(jobs, until: shouldStop, onEvent)
    }

    /// The jobs at work on this comparison, which are submitted where there are none.
    private func begin(_ onEvent: (Event) throws -> Void) throws -> QueuedJobs {
        let lock = try folder.lock()
        defer { withExtendedLifetime(lock) {} }
        if let weakness = lock.weakness { try onEvent(.notice(weakness)) }
        if let jobs = try folder.jobs(), try queue.states(of: jobs.all).values.contains(where: \.isLive) {
            guard jobs.arguments == command.arguments else {
                throw QueueError.otherJobs(
                    folder: folder.url.deletingLastPathComponent().relativePath,
                    command: ShellLine.of(["flowmatch"] + jobs.arguments),
                    cancelling: queue.commandToCancel(jobs.all))
            }
            try onEvent(.attached(jobs: jobs.all))
            return jobs
        }
        let jobs = try submit()
        try onEvent(.submitted(runs: jobs.tasks.count, jobs: jobs.all))
        return jobs
    }

    private func submit() throws -> QueuedJobs {
        // Refuses what cannot be compared, before anything is begun.
        let comparison = try ComparisonRun(members, guidance: guidance)
        let tasks = try comparison.unfinished()
        var submitted: [String] = []
        do {
            if !tasks.isEmpty {
                submitted.append(
                    try queue.submit(
                        QueuedJob(
                            name: "train", summary: "Trains one run of a comparison, the one of the task's number.",
                            command: command.appending(partOption), tasks: tasks, predecessor: nil,
                            folder: folder.url.absoluteURL)))
            }
            folder.forgetOutput("report")
            let training = submitted.last
            let report = try queue.submit(
                QueuedJob(
                    name: "report", summary: "Makes the report of a comparison on the runs as they are.",
                    command: command.appending(partOption, "\(ComparisonPart.report)"), tasks: nil,
                    predecessor: training, folder: folder.url.absoluteURL))
            submitted.append(report)
            let jobs = QueuedJobs(arguments: command.arguments, training: training, tasks: tasks, report: report)
            try folder.save(jobs)
            return jobs
        } catch {
            // Half of the jobs, or jobs that nobody would find again, are not what was asked for.
            if !submitted.isEmpty { try? queue.cancel(submitted) }
            throw error
        }
    }

    private func follow(
        _ jobs: QueuedJobs, until shouldStop: () -> Bool, _ onEvent: (Event) throws -> Void
    ) throws -> QueuedReport? {
        var known: [QueuedTask: TaskState] = [:]
        var silence: String?
        var steps = 0
        while true {
            do {
                let states = try queue.states(of: jobs.all)
                silence = nil
                for task in jobs.trainings {
                    // The queue forgets tasks one by one, a while after they ended.
                    if states[task] == nil, known[task].map({ !$0.isLive }) ?? false { continue }
                    guard let state = state(of: task, in: states), let run = member(of: task) else { continue }
                    if known.updateValue(state, forKey: task) != state { try onEvent(.run(run, state)) }
                }
                let report = QueuedTask(job: jobs.report)
                let state = states[report] ?? folder.stateOfForgottenReport
                if known.updateValue(state, forKey: report) != state { try onEvent(.report(state)) }
                let progress = progress
                if progress.done != steps { try onEvent(.steps(progress.done, of: progress.total)) }
                steps = progress.done
                if case .failed(let why) = state { return try folder.report(why) }
                if state == .ended { return try folder.report(nil) }
            } catch let error as QueueError {
                // The queue's server may be started anew meanwhile; its jobs are not lost by that.
                guard case .noAnswer = error else { throw error }
                if silence != "\(error)" { try onEvent(.notice("\(error); asking again")) }
                silence = "\(error)"
            }
            let next = ContinuousClock.now + interval
            repeat {
                if shouldStop() { return nil }
                Thread.sleep(forTimeInterval: 0.1)
            } while ContinuousClock.now < next
        }
    }

    /// What is known of a task: what its log ends with is a part of why it failed.
    private func state(of task: QueuedTask, in states: [QueuedTask: TaskState]) -> TaskState? {
        guard let run = member(of: task), let number = task.number else { return nil }
        // What the queue has forgotten has ended, and how stands in the run's folder.
        let isTrained = run.folder.checkpointSteps().last == run.configuration.training.steps
        let state = states[task] ?? (isTrained ? .ended : .failed("ended before its last step"))
        guard case .failed(let why) = state else { return state }
        let log = folder.log("train-\(number)")
        let line = folder.lastLine(of: log).map { ": \($0)" } ?? ""
        return .failed("\(why)\(line) (\(log.relativePath))")
    }

    private func member(of task: QueuedTask) -> ComparedRun? {
        task.number.flatMap { members.indices.contains($0 - 1) ? members[$0 - 1] : nil }
    }

    /// Steps of all runs that are trained here, those of one folder once.
    private var progress: (done: Int, total: Int) {
        var counted: Set<String> = []
        return members.filter { !$0.isGiven && counted.insert($0.folder.url.standardizedFileURL.path).inserted }
            .reduce((0, 0)) { sum, run in
                let steps = run.configuration.training.steps
                let done = MetricsLog(run.folder.metricsFile).lastStep ?? 0
                return (sum.0 + min(done, steps), sum.1 + steps)
            }
    }
}

extension ComparisonRun {
    /// The numbers, counted from 1, of the runs that are to be trained any further; of those that share a folder, the
    /// first's.
    fileprivate func unfinished() throws -> [Int] {
        var counted: Set<String> = []
        return try members.indices.filter { index in
            let member = members[index]
            guard !member.isGiven, counted.insert(member.folder.url.standardizedFileURL.path).inserted else {
                return false
            }
            return try TrainingRun(member.configuration, in: member.folder).stepsDone
                < member.configuration.training.steps
        }.map { $0 + 1 }
    }
}
