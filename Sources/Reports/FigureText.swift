import Charts

/// How a report writes its figures: the same quantity always with the same digits.
enum FigureText {
    /// What stands in place of a figure that there is none of.
    static let missing = "–"

    static func loss(_ value: Double) -> String {
        guard value.isFinite else { return "not finite" }
        return abs(value) >= 1 || value == 0
            ? DecimalText.fixed(value, places: 2) : DecimalText.significant(value, digits: 3)
    }

    /// A speed or another quantity that three significant digits say enough of.
    static func rate(_ value: Double) -> String {
        value.isFinite ? DecimalText.significant(value, digits: 3) : missing
    }

    static func count(_ value: Int) -> String { DecimalText.grouped(value) }

    /// A time span: `0.42 s`, `12.3 s`, `5 min 07 s`, `2 h 03 min`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return missing }
        if seconds < 99.95 { return DecimalText.significant(seconds, digits: 3) + " s" }
        let whole = Int(seconds.rounded())
        func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        if whole < 3600 { return "\(whole / 60) min \(padded(whole % 60)) s" }
        let minutes = (whole + 30) / 60
        return "\(minutes / 60) h \(padded(minutes % 60)) min"
    }

    static func memory(_ bytes: Int) -> String {
        bytes >= 1_000_000_000
            ? DecimalText.significant(Double(bytes) / 1e9, digits: 3) + " GB"
            : DecimalText.significant(Double(bytes) / 1e6, digits: 3) + " MB"
    }

    /// How far a figure is from the published one: `+0.3 %`, with a space that no line breaks at.
    static func difference(_ value: Double, from published: Double) -> String {
        let percent = (value / published - 1) * 100
        guard percent.isFinite else { return missing }
        let text = DecimalText.fixed(abs(percent), places: abs(percent) < 9.95 ? 1 : 0)
        return Double(text) == 0 ? "0.0\u{A0}%" : (percent < 0 ? "−" : "+") + text + "\u{A0}%"
    }

    /// A guidance weight: `3`, `1.5`.
    static func weight(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e6
            ? DecimalText.fixed(value, places: 0) : DecimalText.significant(value, digits: 3)
    }

    /// `a`, `a and b`, `a, b and c`.
    static func list(_ items: [String]) -> String {
        items.count < 2 ? items.joined() : items.dropLast().joined(separator: ", ") + " and " + (items.last ?? "")
    }
}
