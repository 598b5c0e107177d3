import Foundation
import Synchronization

/// Hears Ctrl-C and termination: the first asks the work to finish what it is at, a later one ends the process.
///
/// Programs that stop others, such as timeout(1), signal the process and its group: what comes right after the first is
/// the first.
enum Interruption {
    /// When the first came, in nanoseconds; 0 before.
    private static let first = Atomic<UInt64>(0)
    private static let echo: UInt64 = 500_000_000

    static var isRequested: Bool { first.load(ordering: .relaxed) > 0 }

    static func listen() {
        let handler: @convention(c) (Int32) -> Void = { number in
            let now = Interruption.now
            let (isFirst, earlier) = Interruption.first.compareExchange(
                expected: 0, desired: now, ordering: .relaxed)
            if !isFirst, now > earlier + Interruption.echo { _exit(128 + number) }
        }
        signal(SIGINT, handler)
        signal(SIGTERM, handler)
    }

    /// Safe to ask for in a signal's handler.
    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return max(1, UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }
}
