import Foundation
import PJRT

/// Where a program's executable comes to be, once: who asks while it is compiled waits for it.
final class ExecutableSlot: Sendable {
    typealias Make = @Sendable () throws(ComputeError) -> LoadedExecutable

    private enum State {
        case empty
        case compiling
        case ready(LoadedExecutable)
        /// It was compiled before anybody asked; who asks first is told.
        case failed(ComputeError)
    }

    private let changes = NSCondition()
    /// Guarded by `changes`.
    private nonisolated(unsafe) var state = State.empty
    let turns = Turns()

    /// How often somebody who waits asks whether to go on.
    private static let patience = 0.1

    /// The executable, made here and now unless it is there or being made.
    func executable(_ make: Make, onWaiting: () -> Void) throws(ComputeError) -> LoadedExecutable {
        // Nothing stops this, so there is one.
        guard let executable = try executable(onWaiting: onWaiting, until: { false }, begin: { fill(make) }) else {
            preconditionFailure("a wait that nothing stops ended")
        }
        return executable
    }

    /// The executable, made on another thread unless it is there or being made; nil where it was stopped before that.
    func executable(
        _ make: @escaping Make, onWaiting: () -> Void, until shouldStop: () -> Bool
    ) throws(ComputeError) -> LoadedExecutable? {
        try executable(onWaiting: onWaiting, until: shouldStop) { BackgroundWork.run { self.fill(make) } }
    }

    /// Makes the executable ahead of need, unless it is there or being made.
    func prepare(_ make: Make) {
        changes.lock()
        guard case .empty = state else { return changes.unlock() }
        state = .compiling
        changes.unlock()
        fill(make)
    }

    private func executable(
        onWaiting: () -> Void, until shouldStop: () -> Bool, begin: () -> Void
    ) throws(ComputeError) -> LoadedExecutable? {
        var isWaiting = false
        changes.lock()
        defer { changes.unlock() }
        while true {
            switch state {
            case .ready(let executable): return executable
            case .failed(let error):
                state = .empty
                throw error
            case .empty:
                state = .compiling
                isWaiting = true
                changes.unlock()
                begin()
                changes.lock()
            case .compiling:
                if shouldStop() { return nil }
                if !isWaiting { onWaiting() }
                isWaiting = true
                _ = changes.wait(until: Date(timeIntervalSinceNow: Self.patience))
            }
        }
    }

    private func fill(_ make: Make) {
        let made: State
        do {
            made = .ready(try make())
        } catch { made = .failed(error) }
        changes.lock()
        state = made
        changes.broadcast()
        changes.unlock()
    }
}
