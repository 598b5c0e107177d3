/// What Slurm's words for the state of a job mean (squeue(1), sacct(1)).
enum SlurmState {
    /// - Parameters:
    ///   - word: such as `RUNNING`, or `CANCELLED by 1000`
    ///   - reason: why it waits; `None` for none
    ///   - nodes: where it is
    static func state(_ word: Substring, reason: Substring = "None", nodes: Substring = "") -> TaskState {
        switch word.prefix(while: { $0 != " " }) {
        case "COMPLETED": .ended
        case "RUNNING", "COMPLETING", "CONFIGURING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING":
            .running(node: String(nodes))
        case "CANCELLED", "REVOKED": .failed("was cancelled")
        case "FAILED", "SPECIAL_EXIT": .failed("ended with an error")
        case "TIMEOUT", "DEADLINE": .failed("reached its time limit")
        case "NODE_FAIL", "BOOT_FAIL": .failed("lost its node")
        case "OUT_OF_MEMORY": .failed("ran out of memory")
        default: .waiting(waiting(for: reason))
        }
    }

    private static func waiting(for reason: Substring) -> String? {
        switch reason {
        case "", "None": nil
        case "Resources": "for free processors or memory"
        case "Priority": "for jobs before it"
        case "Dependency": "for the runs"
        case _ where reason.contains("DOWN") || reason.hasPrefix("ReqNodeNotAvail") || reason == "PartitionDown":
            "for nodes that are down, drained or reserved (\(reason))"
        default: "(\(reason))"
        }
    }

    /// Reads lines of `ID|STATE|REASON|NODES`, as squeue is asked for.
    static func ofQueue(_ output: String) -> [QueuedTask: TaskState] {
        states(output, fields: 4) { state($0[1], reason: $0[2], nodes: $0[3]) }
    }

    /// Reads lines of `ID|STATE|NODES`, as sacct is asked for.
    static func ofAccounts(_ output: String) -> [QueuedTask: TaskState] {
        states(output, fields: 3) { state($0[1], nodes: $0[2]) }
    }

    private static func states(
        _ output: String, fields: Int, _ state: ([Substring]) -> TaskState
    ) -> [QueuedTask: TaskState] {
        output.split(whereSeparator: \.isNewline).reduce(into: [:]) { states, line in
            let words = line.split(separator: "|", omittingEmptySubsequences: false)
            guard words.count == fields, let task = task(words[0]) else { return }
            states[task] = state(words)
        }
    }

    /// `12` is a job, `12_3` a task of an array. The tasks that have no record of their own yet, `12_[4-9]`, are none.
    private static func task(_ word: Substring) -> QueuedTask? {
        let parts = word.split(separator: "_", omittingEmptySubsequences: false)
        guard let job = parts.first, !job.isEmpty, job.allSatisfy(\.isNumber) else { return nil }
        guard parts.count > 1 else { return QueuedTask(job: String(job)) }
        return Int(parts[1]).map { QueuedTask(job: String(job), number: $0) }
    }
}
