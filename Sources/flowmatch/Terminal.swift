import Foundation
import Measurements

/// Writing for people: notes and progress go to standard error, results to standard output.
enum Terminal {
    static let isInteractive = isatty(STDERR_FILENO) == 1

    static func note(_ text: String) {
        FileHandle.standardError.write(Data(((isInteractive ? "\r\u{1B}[K" : "") + text + "\n").utf8))
    }

    /// Columns of the terminal.
    static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
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
            FileHandle.standardError.write(Data("\r\u{1B}[K\(bar)  \(text)".utf8))
            if done >= total { FileHandle.standardError.write(Data("\n".utf8)) }
        } else if done >= total || lastLine.map({ $0.secondsUntilNow >= 10 }) ?? true {
            lastLine = .now
            Terminal.note(text)
        }
    }
}

extension ContinuousClock.Instant {
    var secondsUntilNow: Double {
        let (seconds, attoseconds) = (ContinuousClock.now - self).components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
