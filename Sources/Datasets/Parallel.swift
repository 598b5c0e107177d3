import Foundation

/// Work on all cores.
enum Parallel {
    /// What `body` makes of each index, in order; called from several threads at a time.
    static func map<Result: Sendable>(_ count: Int, _ body: @Sendable (Int) -> Result) -> [Result] {
        // Several pieces a core, so that none waits long for the slowest; not one an index, which would cost more.
        let pieceCount = min(count, 8 * ProcessInfo.processInfo.activeProcessorCount)
        return [Result](unsafeUninitializedCapacity: count) { buffer, initialized in
            let start = UncheckedPointer(buffer.baseAddress)
            DispatchQueue.concurrentPerform(iterations: pieceCount) { piece in
                for index in piece * count / pieceCount..<(piece + 1) * count / pieceCount {
                    if let start = start.pointer { (start + index).initialize(to: body(index)) }
                }
            }
            initialized = count
        }
    }
}

/// A place in memory of which each thread writes its own part.
private struct UncheckedPointer<Value>: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Value>?

    init(_ pointer: UnsafeMutablePointer<Value>?) { self.pointer = pointer }
}
