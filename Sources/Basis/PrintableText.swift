extension String {
    /// A text from a file that nobody vouches for, as part of a sentence: one line, not long, and nothing that a terminal
    /// obeys.
    package var printable: String {
        let most = 120
        let shown = unicodeScalars.prefix(most).map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: "?"
            default: String(scalar)
            }
        }
        return shown.joined() + (unicodeScalars.count > most ? "..." : "")
    }
}
