import ArgumentParser
import Compute
import Foundation
import Measurements
import Synchronization

/// Writing for people: notes and progress go to standard error, results to standard output.
///
/// A result that cannot be written ends the program. A note that cannot be is no reason to lose work: nothing more is
/// noted, and the program ends as failed once its work is done.
enum Terminal {
    static let isInteractive = isatty(STDERR_FILENO) == 1

    /// The first failure of standard error; 0 where there is none.
    private static let failure = Atomic<Int32>(0)

    /// Takes up the descriptors that this process was started without, so that no file of the program's gets one of their
    /// numbers, and has a reader that went away and a file size limit told as errors of the write that met them.
    static func open() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // Open for the other direction, so that using it fails as it would have.
            _ = Foundation.open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Writes a result.
    ///
    /// - Throws: ``OutputFailure``
    static func print(_ text: String) throws(OutputFailure) { try write(Data((text + "\n").utf8)) }

    /// Writes to standard output.
    ///
    /// - Throws: ``OutputFailure``
    static func write(_ data: Data) throws(OutputFailure) {
        let code = write(data, to: STDOUT_FILENO)
        guard code == 0 else { throw OutputFailure(code: code) }
    }

    /// Says something that is no result.
    static func note(_ text: String) { notes((isInteractive ? lineStart : "") + text + "\n") }

    /// Shows something on a terminal until the next that is shown or said.
    static func overwriteLine(_ text: String) { notes(lineStart + text) }

    /// Takes away what was shown so.
    static func clearLine() { notes(lineStart) }

    /// Where a line begins, which is cleared.
    private static let lineStart = "\r\u{1B}[K"

    /// Writes to standard error.
    static func notes(_ text: String) {
        guard failure.load(ordering: .relaxed) == 0 else { return }
        failure.store(write(Data(text.utf8), to: STDERR_FILENO), ordering: .relaxed)
    }

    /// What the program ends with, where all else went well: an error if notes were lost.
    static var exitCode: Int32 {
        let code = failure.load(ordering: .relaxed)
        return code == 0 ? 0 : OutputFailure(code: code).exitCode
    }

    /// - Returns: 0, or the system's number of what went wrong
    private static func write(_ data: Data, to descriptor: Int32) -> Int32 {
        data.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = Foundation.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
                if count < 0 && errno == EAGAIN {
                    var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&waiting, 1, -1)
                } else if count < 0 && errno != EINTR {
                    return errno
                }
                done += max(0, count)
            }
            return 0
        }
    }

    /// Columns of the terminal.
    static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}

/// Standard output could not be written.
struct OutputFailure: Error, CustomStringConvertible {
    /// The system's number of what went wrong.
    let code: Int32

    /// A reader that went away is silence, as of a program that SIGPIPE ended.
    var isSilent: Bool { code == EPIPE }

    var exitCode: Int32 { isSilent ? 128 + SIGPIPE : 1 }

    var description: String { "standard output cannot be written: \(String(cString: strerror(code)))" }
}

/// A bar that is drawn over itself on a terminal, and a line now and then elsewhere.
struct ProgressBar {
    private let total: Int
    private var start = ContinuousClock.now
    private let first: Int
    private var lastLine: ContinuousClock.Instant?

    /// - Parameter first: what was done before, which counts for the bar but not for the rate
    init(total: Int, first: Int = 0) {
        self.total = total
        self.first = first
    }

    /// Begins to count time, where something went before that is no part of the work.
    mutating func start(at now: ContinuousClock.Instant = .now) { start = now }

    /// - Parameters:
    ///   - done: of the total
    ///   - detail: what else to say, such as the loss
    mutating func update(_ done: Int, _ detail: String) {
        let seconds = start.secondsUntilNow
        let rate = Double(done - first) / max(seconds, 1e-9)
        let left = rate > 0 ? Double(total - done) / rate : 0
        let text = "\(done)/\(total)  \(detail)  \(DecimalText.duration(left.rounded(), digits: 1)) left"
        if Terminal.isInteractive {
            let width = max(10, min(40, Terminal.width - text.count - 4))
            let filled = total == 0 ? width : Int(Double(width) * Double(done) / Double(total))
            let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
            Terminal.overwriteLine("\(bar)  \(text)" + (done >= total ? "\n" : ""))
        } else if done >= total || lastLine.map({ $0.secondsUntilNow >= 10 }) ?? true {
            lastLine = .now
            Terminal.note(text)
        }
    }
}
