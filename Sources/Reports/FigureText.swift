import Measurements

/// The small words around a report's figures.
enum FigureText {
    /// What stands in place of a figure that there is none of.
    static let missing = "–"

    /// How far a figure is from another: `+0.3 %`, with a space that no line breaks at.
    static func difference(_ value: Double, from reference: Double) -> String {
        let percent = (value / reference - 1) * 100
        guard percent.isFinite else { return missing }
        let text = DecimalText.fixed(abs(percent), places: abs(percent) < 9.95 ? 1 : 0)
        return Double(text) == 0 ? "0.0\u{A0}%" : (percent < 0 ? "−" : "+") + text + "\u{A0}%"
    }

    /// The text with a capital letter to begin with.
    static func capitalized(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }

    /// The texts without those that came before.
    static func distinct(_ items: [String]) -> [String] {
        var seen: Set<String> = []
        return items.filter { seen.insert($0).inserted }
    }
}

extension Reading {
    /// The value with its unit, for a sentence.
    var phrase: String { quantity.unit.isEmpty ? text : "\(text) \(quantity.unit)" }

    /// The reference's figure as text.
    var referenceText: String? { reference.map(quantity.form.text) }
}
