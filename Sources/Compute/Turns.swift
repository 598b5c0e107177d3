import PJRT
import Synchronization

/// Has the runs of a program follow each other.
///
/// A plugin for the CPU allocates a run's temporaries when the run is begun. Of runs that are begun ahead, two or three
/// would hold theirs at the same time, now and then: as much memory more, for a dispatch that costs microseconds.
final class Turns: Sendable {
    private let last = Mutex<ExecutionEnd?>(nil)

    /// Begins a run when the last has ended, well or not: whose results it was meant for learns of a failure.
    func next(_ begin: () throws(PJRTError) -> Execution) throws(PJRTError) -> Execution {
        try last.withLock { (last) throws(PJRTError) in
            try? last?.wait()
            let execution = try begin()
            last = execution.end
            return execution
        }
    }
}
