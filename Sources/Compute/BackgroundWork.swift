import Foundation
import Synchronization

/// Work of the compiler that goes on beside the process's own.
///
/// A compiler at work must not meet the end of the process, which takes apart what it works with: a process that ends by
/// itself waits for what has begun, and begins no more of it.
enum BackgroundWork {
    private static let underWay = DispatchGroup()
    private static let isEnding = Atomic<Bool>(false)

    private static let waitsAtExit: Void = {
        atexit {
            BackgroundWork.isEnding.store(true, ordering: .sequentiallyConsistent)
            BackgroundWork.underWay.wait()
        }
    }()

    /// Begins now, on a thread of its own.
    static func run(_ work: @escaping @Sendable () -> Void) {
        enter()
        Thread.detachNewThread { leave(after: work) }
    }

    /// Begins in its turn.
    static func run(on queue: OperationQueue, _ work: @escaping @Sendable () -> Void) {
        enter()
        queue.addOperation { leave(after: work) }
    }

    private static func enter() {
        _ = waitsAtExit
        underWay.enter()
    }

    private static func leave(after work: () -> Void) {
        if !isEnding.load(ordering: .sequentiallyConsistent) { work() }
        underWay.leave()
    }
}
