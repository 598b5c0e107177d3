/// Names as they are listed in a sentence.
package enum WordList {
    /// `a`, `a and b`, `a, b and c`.
    package static func text(_ items: [String]) -> String {
        items.count < 2 ? items.joined() : items.dropLast().joined(separator: ", ") + " and " + (items.last ?? "")
    }
}
