internal import Synchronization

/// Counts of the plugin's objects that are alive. Every native object is released exactly once, so all counts return to
/// zero when the last Swift value that wraps one is gone.
package final class LiveObjects: Sendable {
    /// The kinds of native object.
    package enum Kind: Int, CaseIterable, Sendable {
        case client, topology, buffer, loadedExecutable, executable, event, error
    }

    /// Where objects that the current task makes are counted, until they are released. By default in one place for the
    /// whole process; a task that sets a place of its own can tell its objects from those of others.
    @TaskLocal package static var current = LiveObjects()

    private let storage = Mutex([Int](repeating: 0, count: Kind.allCases.count))

    package init() {}

    /// How many objects of each kind are alive.
    package var counts: [Kind: Int] {
        let values = storage.withLock { $0 }
        return Dictionary(uniqueKeysWithValues: Kind.allCases.map { ($0, values[$0.rawValue]) })
    }

    fileprivate func change(_ kind: Kind, by difference: Int) { storage.withLock { $0[kind.rawValue] += difference } }
}

/// One native object's entry in the counts, kept beside its handle.
struct LiveObject: Sendable {
    private let kind: LiveObjects.Kind
    private let place = LiveObjects.current

    /// Counts an object that now exists.
    init(_ kind: LiveObjects.Kind) {
        self.kind = kind
        place.change(kind, by: 1)
    }

    /// The object is released.
    func end() { place.change(kind, by: -1) }
}
