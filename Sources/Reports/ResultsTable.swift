import Measurements

/// The readings of a study as rows of text: a row a quantity, a column a subject.
struct ResultsTable {
    struct Cell {
        var value: String
        /// The reference's figure to set beside it; `nil` where there is none.
        var reference: String?
        /// What cannot be expected to be beaten; `nil` where that is not known.
        var floor: String?
    }

    struct Row {
        var name: String
        /// What tells the row from others of its name, its unit, and a warning where its cells were not made alike.
        var detail = ""
        var cells: [Cell]
    }

    let subjects: [String]
    let rows: [Row]
    /// Whether any cell has a reference figure.
    let hasReference: Bool
    let hasFloor: Bool

    /// - Parameter section: whose quantities are shown; empty for the results
    init(_ study: Study, section: String = "") {
        subjects = study.subjects.map(\.name)
        var rows = study.quantities.filter { $0.section == section }.map { quantity in
            Row(
                name: FigureText.capitalized(quantity.name),
                detail: [quantity.detail, quantity.unit, study.isMadeAlike(quantity) ? "" : "not made alike"]
                    .filter { !$0.isEmpty }.joined(separator: ", "),
                cells: study.subjects.map { subject in
                    guard let reading = subject.reading(of: quantity) else { return Cell(value: FigureText.missing) }
                    return Cell(
                        value: reading.text, reference: study.reference == nil ? nil : reading.referenceText,
                        floor: reading.floor.map(quantity.form.text))
                })
        }
        hasReference = rows.contains { $0.cells.contains { $0.reference != nil } }
        hasFloor = rows.contains { $0.cells.contains { $0.floor != nil } }
        if let reference = study.reference, !subjects.isEmpty, section.isEmpty {
            let cells = study.subjects.map { Cell(value: $0.failure == nil && $0.caveats.isEmpty ? "yes" : "no") }
            rows.append(Row(name: "Comparable with \(reference.name)", cells: cells))
        }
        self.rows = rows
    }
}
