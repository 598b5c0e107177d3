/// What must not happen, and did.
public struct Fault: Error, Sendable, CustomStringConvertible {
    public enum Sort: String, Sendable, CaseIterable {
        /// The program crashed, or was ended by a signal that nobody sent.
        case trap
        /// It did not end in time.
        case hang
        /// Something that was saved is gone, or a run ended otherwise than the undisturbed one.
        case loss
        /// It ended otherwise than it should, or without a clear sentence.
        case unclear
    }

    public let sort: Sort
    public let description: String

    init(_ sort: Sort, _ description: String) {
        self.sort = sort
        self.description = description
    }
}
