/// What a batch system says of a job, or of one of its tasks.
package enum TaskState: Sendable, Equatable {
    /// For what, as in "for jobs before it", else the system's word in brackets; nil where it says none.
    case waiting(String?)
    case running(node: String)
    /// It did all that it was to do.
    case ended
    /// Why, as what becomes of a run: "was cancelled".
    case failed(String)

    /// Whether something is still to come.
    var isLive: Bool {
        switch self {
        case .waiting, .running: true
        case .ended, .failed: false
        }
    }
}

/// One thing that a batch system runs: a job, or of a job of several tasks the one of a number.
package struct QueuedTask: Hashable, Sendable {
    package let job: String
    package let number: Int?

    package init(job: String, number: Int? = nil) {
        self.job = job
        self.number = number
    }
}
