import Foundation
import Synchronization

/// Hears Ctrl-C and termination: the first asks the work to finish what it is at, the second ends the process.
enum Interruption {
    private static let count = Atomic<Int>(0)

    static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }

    static func listen() {
        let handler: @convention(c) (Int32) -> Void = { number in
            if Interruption.count.add(1, ordering: .relaxed).oldValue > 0 { _exit(128 + number) }
        }
        signal(SIGINT, handler)
        signal(SIGTERM, handler)
    }
}
