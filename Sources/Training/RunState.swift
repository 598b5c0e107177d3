import Formats
import Foundation

/// What has become of a run so far, read from its folder alone.
public enum RunState: Sendable, Equatable {
    /// A process has the right to write it; what it wrote of itself.
    case training(by: String)
    /// All its steps are trained and saved.
    case finished
    /// It was saved where it stopped, and can go on from there.
    case stopped
    /// It ended without being saved: it was killed, or it diverged. What came after the last checkpoint is lost.
    case brokenOff(lastStep: Int)

    /// One word for it.
    public var word: String {
        switch self {
        case .training: "training"
        case .finished: "finished"
        case .stopped: "stopped"
        case .brokenOff: "failed"
        }
    }
}

extension RunFolder {
    /// The state of a run now.
    ///
    /// - Parameter configuration: the run's
    public func state(of configuration: RunConfiguration) -> RunState { state(steps: configuration.training.steps) }

    /// The state of a run of so many steps.
    public func state(steps: Int) -> RunState {
        if let holder = writer { return .training(by: holder) }
        let saved = checkpointSteps().last ?? 0
        if saved >= steps { return .finished }
        let last = MetricsLog(metricsFile).lastStep ?? 0
        return last > saved ? .brokenOff(lastStep: last) : .stopped
    }

    /// Who has the right to write the folder, in the words of its lock; nil where nobody has, or locks are not seen here.
    public var writer: String? { FileLock.holder(of: lockFile.path) }
}
