import Measurements

/// What a study came to, in sentences computed from its readings.
struct ReportOutcome {
    let sentences: [String]

    init(_ study: Study) {
        guard !study.subjects.isEmpty else {
            sentences = ["Nothing was measured."]
            return
        }
        let failures = study.subjects.compactMap { subject in subject.failure.map { "\(subject.name) \($0)." } }
        let study = study.grouped
        let ranking = study.ranking
        sentences =
            failures + (ranking.map { Self.ranked(study, by: $0) } ?? [])
            + study.findings.filter { $0.figure == study.findings.first?.figure }.prefix(3).map { "\($0.sentence)." }
            + [Self.praise(study), ranking.flatMap { Self.comparison(study, by: $0) }].compactMap { $0 }
    }

    /// The subjects whose readings of a quantity are finite, best first; of a neutral quantity, in their order.
    private static func order(_ study: Study, by quantity: Quantity) -> [(name: String, reading: Reading)] {
        let finite = study.subjects.compactMap { subject in
            subject.reading(of: quantity).map { (name: subject.name, reading: $0) }
        }.filter { $0.reading.value.isFinite }
        return switch quantity.direction {
        case .lowerIsBetter: finite.sorted { $0.reading.value < $1.reading.value }
        case .higherIsBetter: finite.sorted { $0.reading.value > $1.reading.value }
        case .neutral: finite
        }
    }

    private static func ranked(_ study: Study, by quantity: Quantity) -> [String] {
        let order = order(study, by: quantity)
        let lost = study.subjects.filter { $0.reading(of: quantity).map { !$0.value.isFinite } ?? false }.map(\.name)
        let end = lost.isEmpty ? [] : ["The \(quantity.name) of \(WordList.text(lost)) is not finite."]
        guard let best = order.first else { return end }
        let isAlike = study.isMadeAlike(quantity)
        let circumstances = [quantity.detail, isAlike ? best.reading.basis : ""].filter { !$0.isEmpty }
        let note = circumstances.isEmpty ? "" : " (\(circumstances.joined(separator: "; ")))"
        let caution = isAlike ? [] : ["Their \(quantity.name) was not made alike: see below the results."]
        func figures(_ items: some Sequence<(name: String, reading: Reading)>) -> String {
            WordList.text(items.map { "\($0.name) at \($0.reading.text)" })
        }
        // Who is ahead is not told by figures of two kinds.
        guard quantity.direction != .neutral, order.count > 1, isAlike else {
            return ["The \(quantity.name)\(note): \(figures(order))."] + caution + end
        }
        let level = order.filter { $0.reading.value == best.reading.value }
        let subject = WordList.text(level.map(\.name))
        let verb = level.count == 1 ? "has" : "share"
        let superlative = quantity.direction == .lowerIsBetter ? "lowest" : "highest"
        let rest = order.dropFirst(level.count)
        let field = rest.isEmpty ? "" : ", ahead of \(figures(rest))"
        let sentence = "\(subject) \(verb) the \(superlative) \(quantity.name), \(best.reading.text)\(note)\(field)."
        return [sentence] + caution + end
    }

    /// The best subject of each quantity that has a word for it.
    private static func praise(_ study: Study) -> String? {
        var parts: [String] = []
        var last = ""
        for quantity in study.quantities where !quantity.praise.isEmpty && quantity.direction != .neutral {
            let order = order(study, by: quantity)
            guard order.count > 1, order[0].reading.isApart(from: order[1].reading) else { continue }
            let best = order[0]
            let subject = best.name == last ? "it also" : best.name
            parts.append("\(subject) \(quantity.praise), at \(best.reading.phrase)")
            last = best.name
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ") + "."
    }

    /// How far the ranking's readings are from the reference's.
    private static func comparison(_ study: Study, by quantity: Quantity) -> String? {
        guard let reference = study.reference else { return nil }
        let compared = study.subjects.filter { $0.failure == nil && $0.readings.contains { $0.reference != nil } }
        let differences = compared.filter(\.caveats.isEmpty).compactMap { subject -> String? in
            guard let reading = subject.reading(of: quantity), reading.value.isFinite, let figure = reading.reference
            else { return nil }
            return "\(subject.name) \(FigureText.difference(reading.value, from: figure))"
        }
        var sentences: [String] = []
        if !differences.isEmpty {
            sentences.append("Against the \(reference.name) \(quantity.name): \(WordList.text(differences)).")
        }
        let others = compared.filter { !$0.caveats.isEmpty }.map(\.name)
        if !others.isEmpty {
            let whose = others.count == compared.count ? "" : " of \(WordList.text(others))"
            sentences.append(
                "The figures\(whose) are not comparable with the \(reference.name) ones, "
                    + "which were made in another setting.")
        }
        return sentences.isEmpty ? nil : sentences.joined(separator: " ")
    }
}

extension Reading {
    /// Whether the two values differ by more than their intervals reach.
    fileprivate func isApart(from other: Reading) -> Bool {
        abs(value - other.value) > (uncertainty ?? 0) + (other.uncertainty ?? 0)
    }
}
