public import Compute
import Synchronization

/// How long each program took to compile in this process, or to load.
public final class CompilationLog: Sendable {
    private let durations = Mutex<[String: Double]>([:])

    public init() {}

    public func record(_ compilation: Engine.Compilation) {
        durations.withLock { $0[compilation.program] = compilation.seconds }
    }

    /// Of the last program of that name.
    public func seconds(_ program: String) -> Double? { durations.withLock { $0.removeValue(forKey: program) } }
}
