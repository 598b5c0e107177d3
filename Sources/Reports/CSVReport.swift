public import Measurements

/// The readings of a study as CSV (RFC 4180): a row a reading, its subject's choices before it.
public enum CSVReport {
    /// The text, with a row of names first.
    public static func render(_ study: Study) -> String {
        let choices = FigureText.distinct(study.subjects.flatMap(\.choices).map(\.name))
        let names =
            ["run"] + choices
            + ["quantity", "name", "detail", "unit", "value", "uncertainty", "floor", "reference", "basis"]
        let rows = study.subjects.flatMap { subject in
            let chosen = choices.map { name in subject.choices.first { $0.name == name }?.value ?? "" }
            return subject.readings.map { reading in
                let quantity = reading.quantity
                let numbers = [reading.value, reading.uncertainty, reading.floor, reading.reference].map { number in
                    number.map { "\($0)" } ?? ""
                }
                return [subject.name] + chosen + [quantity.id, quantity.name, quantity.detail, unit(quantity)] + numbers
                    + [reading.basis]
            }
        }
        return ([names] + rows).map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
    }

    /// Values are written as they were read: spans in seconds, memory in bytes.
    private static func unit(_ quantity: Quantity) -> String {
        switch quantity.form {
        case .duration: "seconds"
        case .memory: "bytes"
        case .count, .decimal, .rate: quantity.unit
        }
    }

    private static func field(_ text: String) -> String {
        guard text.contains(where: { ",\"".contains($0) || $0.isNewline }) else { return text }
        return "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
