import Foundation
import Synchronization

/// One thread on which everything is computed that the plugin does, so that drawings take turns and the server's own
/// threads stay free.
///
/// The thread is less urgent than others, and so are all threads that the plugin starts from it: a training beside the
/// studio has the machine first.
final class ComputeThread: SerialExecutor {
    private let state = Mutex<[UnownedJob]>([])
    private let waiting = DispatchSemaphore(value: 0)

    /// - Parameter niceness: from 0 to 19, as of nice(1)
    init(niceness: Int) {
        let thread = Thread { [self] in
            // Of this thread alone, and of those that it starts: Linux keeps it for each thread.
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Int32(niceness))
            while true {
                waiting.wait()
                guard let job = state.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { continue }
                job.runSynchronously(on: asUnownedSerialExecutor())
            }
        }
        thread.stackSize = 64 << 20
        thread.name = "compute"
        thread.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.append(job) }
        waiting.signal()
    }
}
