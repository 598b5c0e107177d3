internal import Synchronization

/// Counts of the plugin's objects that this process holds. Every native object is released exactly once, so all counts
/// return to zero when the last Swift value that wraps one is gone.
public enum LiveObjects {
    /// The kinds of native object.
    public enum Kind: Int, CaseIterable, Sendable {
        case client, buffer, loadedExecutable, executable, event, error
    }

    private static let storage = Mutex([Int](repeating: 0, count: Kind.allCases.count))

    /// How many objects of each kind are alive.
    public static var counts: [Kind: Int] {
        let values = storage.withLock { $0 }
        return Dictionary(uniqueKeysWithValues: Kind.allCases.map { ($0, values[$0.rawValue]) })
    }

    static func add(_ kind: Kind) { storage.withLock { $0[kind.rawValue] += 1 } }
    static func remove(_ kind: Kind) { storage.withLock { $0[kind.rawValue] -= 1 } }
}
