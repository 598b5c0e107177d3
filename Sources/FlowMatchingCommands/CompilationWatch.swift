import Compute
import Foundation
import Synchronization

/// Shows that something is compiled, which on a GPU takes a minute or two.
///
/// What a person waits for counts its seconds on a terminal. What is compiled beside other work, or without a terminal, has
/// a line every ten seconds.
final class CompilationWatch: Sendable {
    private struct Waiting {
        let program: String
        let start: ContinuousClock.Instant
        /// Whether nothing else is shown meanwhile.
        var isForeground: Bool
        var linesSaid = 0
    }

    private let waiting = Mutex<[Waiting]>([])
    private let saysEnds: Bool
    /// Set up once, and only held.
    private nonisolated(unsafe) let timer: any DispatchSourceTimer

    /// - Parameter saysEnds: whether a person is told how long it took, where that is long
    init(saysEnds: Bool) {
        self.saysEnds = saysEnds
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "compilations"))
        timer.schedule(deadline: .now() + 1, repeating: 1)
        timer.setEventHandler { [weak self] in self?.tick() }
        timer.activate()
    }

    func begin(_ program: String) {
        let isForeground = Thread.isMainThread && Terminal.isInteractive
        waiting.withLock { $0.append(Waiting(program: program, start: .now, isForeground: isForeground)) }
    }

    /// Somebody now needs what was begun beside other work.
    func await(_ program: String) {
        guard Thread.isMainThread && Terminal.isInteractive else { return }
        waiting.withLock { waiting in
            guard let index = waiting.firstIndex(where: { $0.program == program }) else { return }
            waiting[index].isForeground = true
        }
    }

    func end(_ compilation: Engine.Compilation) {
        giveUp(compilation.program)
        guard saysEnds, compilation.seconds >= 0.5 else { return }
        let origin = compilation.fromDisk ? "loaded from the cache" : "compiled"
        Terminal.note("\(compilation.program): \(origin) in \(String(format: "%.1f", compilation.seconds)) s")
    }

    func giveUp(_ program: String) {
        waiting.withLock { waiting in
            guard let index = waiting.firstIndex(where: { $0.program == program }) else { return }
            if waiting.remove(at: index).isForeground { Terminal.clearLine() }
        }
    }

    private func tick() {
        waiting.withLock { waiting in
            for index in waiting.indices {
                let seconds = Int(waiting[index].start.secondsUntilNow)
                let text = "compiling \(waiting[index].program): \(seconds) s"
                if waiting[index].isForeground {
                    Terminal.overwriteLine(text)
                } else if seconds / 10 > waiting[index].linesSaid {
                    waiting[index].linesSaid = seconds / 10
                    Terminal.note(text)
                }
            }
        }
    }
}
