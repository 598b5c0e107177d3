/// The labels that have a row in a picture: all of few; of many some, evenly spread.
package enum ShownLabels {
    /// More rows do not fit on a screen.
    private static let most = 20

    /// The labels that stand in a picture: all, or of many as many as fit, evenly spread.
    package static func of(_ classCount: Int) -> [Int] {
        let count = min(classCount, most)
        return (0..<count).map { $0 * classCount / count }
    }
}
