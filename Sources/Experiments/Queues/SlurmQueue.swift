import Formats
import Foundation

/// Slurm, by its commands: sbatch takes jobs, squeue and, where jobs are accounted, sacct say what they are at, and scancel
/// ends them.
package struct SlurmQueue: JobQueue {
    package static let name = "slurm"
    package static let title = "Slurm"

    private let options: [SlurmOption]
    private let sbatch: SystemProgram
    private let squeue: SystemProgram
    private let scancel: SystemProgram
    /// Nil where there is none.
    private let sacct: SystemProgram?

    package init(options: [String]) throws {
        try self.init(options: options, environment: ProcessInfo.processInfo.environment)
    }

    /// - Parameter environment: what Slurm's commands get, and the path they are found on
    /// - Throws: ``QueueError/noProgram(_:queue:)``, ``QueueError/malformedOption(_:)``, ``QueueError/ownOption(_:)``
    init(options: [String], environment: [String: String]) throws {
        self.options = try options.map { text throws(QueueError) in try SlurmOption(text) }
        // What a person set for the lists of their own is not for ours.
        let environment = environment.filter { !$0.key.hasPrefix("SQUEUE_") && !$0.key.hasPrefix("SACCT_") }
        func program(_ name: String) throws(QueueError) -> SystemProgram {
            guard let program = SystemProgram(name, environment: environment) else {
                throw .noProgram(name, queue: SlurmQueue.title)
            }
            return program
        }
        (sbatch, squeue, scancel) = try (program("sbatch"), program("squeue"), program("scancel"))
        sacct = SystemProgram("sacct", environment: environment)
    }

    package func submit(_ job: QueuedJob) throws -> String {
        let script = job.folder.appending(path: "\(job.name).sh")
        let arguments = arguments(for: job)
        try AtomicFile.write(Array(text(of: job, arguments).utf8), to: script)
        let outcome = try run(sbatch, arguments + [script.path(percentEncoded: false)], in: job.command.workingFolder)
        let words = outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
        // NUMBER or NUMBER;CLUSTER
        let number = words.prefix { $0 != ";" }
        guard outcome.status == 0, !number.isEmpty, number.allSatisfy(\.isNumber) else {
            throw QueueError.refused(outcome.status == 0 ? words : outcome.complaint, queue: SlurmQueue.title)
        }
        return String(number)
    }

    package func states(of jobs: [String]) throws -> [QueuedTask: TaskState] {
        let list = "--jobs=\(jobs.joined(separator: ","))"
        let queue = try run(
            squeue, ["--noheader", "--array", "--states=all", "--format=%i|%T|%r|%N", list])
        // Slurm forgets jobs a while after they ended.
        let isForgotten = queue.errors.contains("Invalid job id")
        guard queue.status == 0 || isForgotten else {
            throw QueueError.noAnswer(queue.complaint, queue: SlurmQueue.title)
        }
        let states = SlurmState.ofQueue(queue.output)
        guard !jobs.allSatisfy({ job in states.keys.contains { $0.job == job } }),
            let accounts = try? sacct?.run(
                ["--noheader", "--parsable2", "--allocations", "--format=JobID,State,NodeList", list]),
            accounts.status == 0
        else { return states }
        return SlurmState.ofAccounts(accounts.output).merging(states) { $1 }
    }

    package func cancel(_ jobs: [String]) throws {
        let outcome = try run(scancel, jobs)
        guard outcome.status == 0 else { throw QueueError.noAnswer(outcome.complaint, queue: SlurmQueue.title) }
    }

    package func commandToShow(_ jobs: [String]) -> String { "squeue --jobs=\(jobs.joined(separator: ","))" }

    package func commandToCancel(_ jobs: [String]) -> String { "scancel \(jobs.joined(separator: " "))" }

    /// What sbatch is called with. As arguments the options have the last word, before the script's and `SBATCH_*`.
    private func arguments(for job: QueuedJob) -> [String] {
        // The names of a task's files end with its number, for which %a stands.
        let stem = job.folder.appending(path: job.name).path(percentEncoded: false).replacing("%", with: "%%")
        let files = job.tasks == nil ? stem : "\(stem)-%a"
        var arguments = [
            "--parsable", "--job-name=flowmatch-\(job.name)", "--output=\(files).out", "--error=\(files).log",
            "--open-mode=\(job.tasks == nil ? "truncate" : "append")", "--requeue",
        ]
        if let tasks = job.tasks { arguments.append("--array=\(tasks.map(String.init).joined(separator: ","))") }
        if let predecessor = job.predecessor { arguments.append("--dependency=afterany:\(predecessor)") }
        return arguments + options.map(\.argument)
    }

    /// The script. The program takes the shell's place, so that the signal by which Slurm ends a job reaches it.
    private func text(of job: QueuedJob, _ arguments: [String]) -> String {
        let command = job.command
        let words = [command.program.path(percentEncoded: false)] + command.arguments
        let number = job.tasks == nil ? "" : " \"$SLURM_ARRAY_TASK_ID\""
        // A comment ends with its line.
        let call = ShellLine.of(arguments).replacing("\n", with: " ")
        return """
            #!/bin/bash
            # \(job.summary) flowmatch wrote this and submitted it by
            # sbatch \(call)
            \(ShellLine.of(["cd", command.workingFolder.path(percentEncoded: false)])) || exit
            exec \(ShellLine.of(words))\(number)

            """
    }

    private func run(
        _ program: SystemProgram, _ arguments: [String], in folder: URL? = nil
    ) throws(QueueError) -> SystemProgram.Outcome {
        do { return try program.run(arguments, in: folder) } catch {
            throw .noAnswer(error.localizedDescription, queue: SlurmQueue.title)
        }
    }
}
