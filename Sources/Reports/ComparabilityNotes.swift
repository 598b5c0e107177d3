import Measurements

extension Study {
    /// Why subjects are not comparable with the reference, a line for those that share their reasons.
    var caveatNotes: [String] {
        guard reference != nil else { return [] }
        let reasons = FigureText.distinct(subjects.filter { !$0.caveats.isEmpty }.map(\.caveatText))
        return reasons.map { reason in
            let names = subjects.filter { $0.caveatText == reason }.map(\.name)
            return "\(WordList.text(names)): \(reason)."
        }
    }

    /// What the readings were made with, a line for the quantities that share it. Where subjects were not made alike,
    /// the line says so.
    ///
    /// - Parameter section: whose table has the quantities; empty for the results
    func basisNotes(of section: String) -> [String] {
        let bases = quantities.filter { $0.section == section }.map { (quantity: $0, text: basisText($0)) }.filter {
            !$0.text.isEmpty
        }
        return FigureText.distinct(bases.map(\.text)).map { text in
            let mine = bases.filter { $0.text == text }.map(\.quantity)
            let others = Set(bases.filter { $0.text != text }.map(\.quantity.name))
            let names = mine.map { quantity in
                let detail = quantity.detail.isEmpty ? quantity.unit : quantity.detail
                return others.contains(quantity.name) && !detail.isEmpty
                    ? "\(quantity.name) (\(detail))" : quantity.name
            }
            return "\(FigureText.capitalized(WordList.text(FigureText.distinct(names)))): \(text)."
        }
    }

    /// Whether all readings of a quantity were made with the same.
    func isMadeAlike(_ quantity: Quantity) -> Bool {
        Set(subjects.compactMap { $0.reading(of: quantity)?.basis }).count < 2
    }

    private func basisText(_ quantity: Quantity) -> String {
        let readings = subjects.compactMap { subject in
            subject.reading(of: quantity).map { (name: subject.name, basis: $0.basis) }
        }
        let bases = FigureText.distinct(readings.map(\.basis))
        guard bases.count > 1 else { return bases.first ?? "" }
        let parts = bases.map { basis in
            let names = readings.filter { $0.basis == basis }.map(\.name)
            return "\(WordList.text(names)) with \(basis.isEmpty ? "nothing said" : basis)"
        }
        return "not made alike: \(parts.joined(separator: "; "))"
    }
}

extension Subject {
    fileprivate var caveatText: String { caveats.joined(separator: "; ") }
}
