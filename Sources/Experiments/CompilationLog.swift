public import Compute
import Synchronization

/// How each program was compiled in this process, or loaded: how long that took, and what it occupies.
public final class CompilationLog: Sendable {
    private let compilations = Mutex<[String: Engine.Compilation]>([:])

    /// Nothing was compiled yet.
    public init() {}

    /// Takes down that a program was compiled. Safe on any thread.
    public func record(_ compilation: Engine.Compilation) {
        compilations.withLock { $0[compilation.program] = compilation }
    }

    /// Of the last program of that name, once.
    package func take(_ program: String) -> Engine.Compilation? {
        compilations.withLock { $0.removeValue(forKey: program) }
    }
}
