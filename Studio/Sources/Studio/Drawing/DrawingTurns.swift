/// Whose request is the newest: each page has one drawing at a time.
actor DrawingTurns {
    /// The place of a request.
    struct Turn: Sendable {
        fileprivate let turns: DrawingTurns
        fileprivate let page: String
        fileprivate let number: Int

        /// Whether no newer request of the same page came.
        var isCurrent: Bool { get async { await turns.isCurrent(self) } }
    }

    private var newest: [String: Int] = [:]
    private var count = 0
    /// Pages that are remembered.
    private static let most = 10_000

    /// - Parameter page: what a page calls itself
    func begin(_ page: String) -> Turn {
        if newest.count >= DrawingTurns.most { newest = [:] }
        count += 1
        newest[page] = count
        return Turn(turns: self, page: page, number: count)
    }

    private func isCurrent(_ turn: Turn) -> Bool { newest[turn.page].map { $0 == turn.number } ?? true }
}
