import Basis

/// A long option of sbatch, as a person gives it for all jobs of a comparison: `partition=gpu`, `exclusive`.
struct SlurmOption: Equatable {
    let argument: String

    /// What the comparison rests on.
    private static let own: Set<String> = [
        "array", "chdir", "clusters", "dependency", "error", "output", "parsable", "test-only", "wait", "wrap",
    ]

    /// - Throws: ``QueueError/malformedOption(_:)``, ``QueueError/ownOption(_:)``
    init(_ text: String) throws(QueueError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let isName =
            parts[0].first?.isLetter == true && parts[0].allSatisfy { $0.isASCII && ($0.isLetter || $0 == "-") }
        guard isName, parts.last != "", !text.contains(where: \.isNewline) else { throw .malformedOption(text) }
        guard !SlurmOption.own.contains(parts[0]) else { throw .ownOption(parts[0]) }
        argument = "--\(text)"
    }
}
