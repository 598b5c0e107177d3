/// How the values of a quantity are written: the same quantity always with the same digits.
public enum NumberForm: String, Codable, Sendable, CaseIterable {
    /// A whole number: `1,233,325`.
    case count
    /// Two decimal places, or three significant digits under one: `131.15`, `0.0123`.
    case decimal
    /// Three significant digits: `15.2`.
    case rate
    /// Seconds, as a time span: `5 min 07 s`.
    case duration
    /// Bytes: `2.34 GB`.
    case memory

    /// The value as text; `not finite` where it is not.
    public func text(_ value: Double) -> String {
        guard value.isFinite else { return "not finite" }
        switch self {
        case .count: return DecimalText.fixed(value, places: 0)
        case .decimal:
            return abs(value) >= 1 || value == 0
                ? DecimalText.fixed(value, places: 2) : DecimalText.significant(value, digits: 3)
        case .rate: return DecimalText.significant(value, digits: 3)
        case .duration: return DecimalText.duration(value)
        case .memory: return DecimalText.memory(value)
        }
    }

    /// The value and how far it may be off, to the same decimal place: `124.00 ± 0.52`.
    public func text(_ value: Double, uncertainty: Double) -> String {
        let text = text(value)
        guard value.isFinite else { return text }
        // A text with letters has a unit or an exponent of its own.
        guard !text.contains(where: \.isLetter) else { return "\(text) ± \(self.text(uncertainty))" }
        let places = text.firstIndex(of: ".").map { text.distance(from: $0, to: text.endIndex) - 1 } ?? 0
        return "\(text) ± \(DecimalText.fixed(uncertainty, places: places))"
    }
}
