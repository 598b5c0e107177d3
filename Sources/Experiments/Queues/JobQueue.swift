/// A batch system that runs jobs on machines which share a file system with this one.
package protocol JobQueue: Sendable {
    /// As it is written on command lines, such as `slurm`.
    static var name: String { get }
    /// As it is written in sentences, such as "Slurm".
    static var title: String { get }

    /// - Parameter options: for its jobs, in its own words
    /// - Throws: ``QueueError``, for such options and where the system's programs are missing
    init(options: [String]) throws

    /// Hands a job over.
    ///
    /// - Returns: what the system calls it
    /// - Throws: ``QueueError``, `FormatError.cannotWrite`
    func submit(_ job: QueuedJob) throws -> String

    /// The tasks of jobs that the system still knows of.
    ///
    /// - Throws: ``QueueError`` where the system does not answer
    func states(of jobs: [String]) throws -> [QueuedTask: TaskState]

    /// Ends jobs, whatever they are at.
    ///
    /// - Throws: ``QueueError``
    func cancel(_ jobs: [String]) throws

    /// The command by which a person sees what jobs are at.
    func commandToShow(_ jobs: [String]) -> String

    /// The command by which a person ends jobs.
    func commandToCancel(_ jobs: [String]) -> String
}

/// The batch systems. Adding one is its file and its place in this list.
package enum JobQueues {
    static let kinds: [any JobQueue.Type] = [SlurmQueue.self]

    package static var names: [String] { kinds.map { $0.name } }

    /// The batch system of a name; nil where there is none.
    ///
    /// - Throws: ``QueueError`` for options that it does not take, and where it is not here
    package static func queue(_ name: String, options: [String]) throws -> (any JobQueue)? {
        try kinds.first { $0.name == name }?.init(options: options)
    }
}
