import Measurements

/// What subjects of a study do not share: a row a setting's value, with the names of those that have it.
struct DifferencesTable {
    struct Row {
        var setting: String
        var value: String
        var subjects: String
    }

    let rows: [Row]

    init(_ study: Study) {
        let subjects = study.subjects
        rows = FigureText.distinct(subjects.flatMap(\.settings).map(\.name)).flatMap { setting in
            let values = subjects.map { subject in subject.settings.first { $0.name == setting }?.value }
            return FigureText.distinct(values.compactMap { $0 }).map { value in
                let own = Set(values.indices.filter { values[$0] == value })
                return Row(setting: setting, value: value, subjects: Self.names(of: own, in: study))
            }
        }
    }

    /// Groups are named in the place of all their members.
    private static func names(of subjects: Set<Int>, in study: Study) -> String {
        if subjects.count == study.subjects.count, subjects.count > 1 { return "all" }
        let whole = study.groups.filter { $0.members.count > 1 && subjects.isSuperset(of: $0.members) }
        let rest = subjects.subtracting(whole.flatMap(\.members)).sorted()
        return WordList.text(whole.map { "all of \($0.summary.name)" } + rest.map { study.subjects[$0].name })
    }
}
