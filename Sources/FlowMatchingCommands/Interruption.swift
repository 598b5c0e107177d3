import Foundation
import Synchronization

/// Hears Ctrl-C, termination and a lost connection.
///
/// Where nothing would be lost, whatever the program is at, the first one ends it at once, with 128 and the signal's number
/// as shells expect. While there is something to be saved, the first asks the work to save it, and a later one ends the
/// process.
///
/// Programs that stop others, such as timeout(1), signal the process and its group: what comes right after the first is
/// the first.
enum Interruption {
    /// When the first came, in nanoseconds; 0 before.
    private static let first = Atomic<UInt64>(0)
    /// The number of the first signal.
    private static let number = Atomic<Int32>(0)
    private static let savesFirst = Atomic<Bool>(false)
    private static let echo: UInt64 = 500_000_000

    static var isRequested: Bool { first.load(ordering: .relaxed) > 0 }

    /// What the program ends with after an interruption.
    static var exitCode: Int32 { 128 + number.load(ordering: .relaxed) }

    static func listen() {
        let handler: @convention(c) (Int32) -> Void = { number in
            guard Interruption.savesFirst.load(ordering: .relaxed) else { _exit(128 + number) }
            let now = Interruption.now
            let (isFirst, earlier) = Interruption.first.compareExchange(
                expected: 0, desired: now, ordering: .relaxed)
            if isFirst { Interruption.number.store(number, ordering: .relaxed) }
            if !isFirst, now > earlier + Interruption.echo { _exit(128 + number) }
        }
        // A program that was told to survive the end of its terminal, as by nohup(1), does.
        let isDetached = signal(SIGHUP, SIG_IGN)
        if unsafeBitCast(isDetached, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self) { signal(SIGHUP, handler) }
        signal(SIGINT, handler)
        signal(SIGTERM, handler)
    }

    /// There is something to be saved from now on.
    static func beginSaving() { savesFirst.store(true, ordering: .sequentiallyConsistent) }

    /// All is saved: the process ends where an interruption was asked for, and does at once when one is.
    ///
    /// It ends without the destructors of the libraries it has loaded, one of which may be compiling on other threads.
    ///
    /// - Parameter farewell: said before it ends
    static func endSaving(_ farewell: () -> Void = {}) {
        savesFirst.store(false, ordering: .sequentiallyConsistent)
        guard isRequested else { return }
        farewell()
        _exit(exitCode)
    }

    /// Safe to ask for in a signal's handler.
    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return max(1, UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }
}
