/// How wide text may become in the sans serif that a reader's system happens to have.
///
/// The font is not known when a chart is laid out, so that the widths are those of a wide one (DejaVu Sans, rounded
/// up): text set in another takes less room than was left for it.
enum TextWidths {
    /// The width of a line of text, in units of the font's size.
    static func width(of text: String) -> Double {
        text.reduce(0) { $0 + width(of: $1) }
    }

    /// No character is narrower than this.
    static let least = 0.28

    private static func width(of character: Character) -> Double {
        guard let code = character.asciiValue, (32..<127).contains(code) else { return widest }
        return Double(printable[Int(code) - 32]) / 100
    }

    /// Of characters outside printable ASCII; the widest in common use are pictures.
    private static let widest = 1.3

    /// Hundredths of the font's size for each printable ASCII character, from the space on.
    private static let printable: [UInt8] = [
        32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34,
        64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 54,
        100, 69, 69, 70, 77, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79,
        61, 79, 70, 64, 62, 74, 69, 99, 69, 62, 69, 40, 34, 40, 84, 50,
        50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98, 64, 62,
        64, 64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,
    ]
}
