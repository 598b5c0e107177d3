import Compute
import Synchronization

/// The programs of a sampler, each traced once: tracing takes as long as many steps.
final class TracedPrograms: Sendable {
    /// What a program depends on beside the sampler.
    struct Key: Hashable {
        private let name: String
        private let size: Int
        private let isGuided: Bool
        private let gridLength: Int

        init(_ name: String, _ size: Int, isGuided: Bool = false, gridLength: Int = 0) {
            self.name = name
            self.size = size
            self.isGuided = isGuided
            self.gridLength = gridLength
        }
    }

    private let functions = Mutex<[Key: CompiledFunction]>([:])
    private let integrators = Mutex<[Key: AdaptiveIntegrator]>([:])

    func function(_ key: Key, make: () throws -> CompiledFunction) rethrows -> CompiledFunction {
        if let known = functions.withLock({ $0[key] }) { return known }
        let made = try make()
        functions.withLock { $0[key] = made }
        return made
    }

    func has(_ key: Key) -> Bool { functions.withLock { $0[key] != nil } }

    func integrator(_ key: Key, make: () throws -> AdaptiveIntegrator) rethrows -> AdaptiveIntegrator {
        if let known = integrators.withLock({ $0[key] }) { return known }
        let made = try make()
        integrators.withLock { $0[key] = made }
        return made
    }
}
