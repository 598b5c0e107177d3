import Measurements

/// The subjects of a study as rows of text: a row a subject, a column a choice or a quantity.
///
/// There is one where the subjects are too many for columns, or stand in groups.
struct RunsTable {
    struct Column {
        var name: String
        var detail = ""
        /// Whether its cells are texts to choose by; figures otherwise.
        var isChoice = false
    }

    struct Cell {
        var text: String
        /// What it is sorted by; nil for a text, and where there is no figure.
        var value: Double?
    }

    struct Row {
        /// The subject's place in the study.
        var subject: Int
        var name: String
        var cells: [Cell]
    }

    /// Of the cells; the names stand in front.
    let columns: [Column]
    let rows: [Row]

    private static let mostColumns = 4

    init?(_ study: Study) {
        guard !study.groups.isEmpty || study.subjects.count > Self.mostColumns else { return nil }
        let choices = FigureText.distinct(study.subjects.flatMap(\.choices).map(\.name))
        let quantities = study.quantities.filter { $0.section.isEmpty || $0.bars != nil }
        columns =
            choices.map { Column(name: FigureText.capitalized($0), isChoice: true) }
            + quantities.map { quantity in
                let mark = study.isMadeAlike(quantity) ? "" : "not made alike"
                return Column(
                    name: FigureText.capitalized(quantity.name),
                    detail: [quantity.detail, quantity.unit, mark].filter { !$0.isEmpty }.joined(separator: ", "))
            }
        rows = study.subjects.enumerated().map { index, subject in
            let chosen = choices.map { name in
                Cell(text: subject.choices.first { $0.name == name }?.value ?? FigureText.missing)
            }
            let read = quantities.map { quantity -> Cell in
                guard let reading = subject.reading(of: quantity) else { return Cell(text: FigureText.missing) }
                return Cell(text: reading.text, value: reading.value.isFinite ? reading.value : nil)
            }
            return Row(
                subject: index, name: subject.failure == nil ? subject.name : "\(subject.name) (failed)",
                cells: chosen + read)
        }
    }

    /// The values of a choice, each once.
    func values(of column: Int) -> [String] { FigureText.distinct(rows.map { $0.cells[column].text }) }
}
