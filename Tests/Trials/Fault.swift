/// What must not happen, and did.
package struct Fault: Error, Sendable, CustomStringConvertible {
    package enum Sort: String, Sendable, CaseIterable {
        /// The program crashed, or was ended by a signal that nobody sent.
        case trap
        /// It did not end in time.
        case hang
        /// Something that was saved is gone, or a run ended otherwise than the undisturbed one.
        case loss
        /// It ended otherwise than it should, or without a clear sentence.
        case unclear
    }

    package let sort: Sort
    package let description: String

    init(_ sort: Sort, _ description: String) {
        self.sort = sort
        self.description = description
    }
}
