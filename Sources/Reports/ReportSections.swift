import Measurements

/// What stands under one heading of a report: a table, lines, then pictures, then bars.
struct ReportSection {
    /// Pictures of several subjects that are to be held against each other.
    struct PictureGroup {
        var title: String
        var pictures: [(subject: Int, picture: Picture)]
    }

    var title: String
    var introduction: String
    var table: ResultsTable?
    var lines: [ReportChart] = []
    var groups: [PictureGroup] = []
    var bars: [ReportChart] = []

    var isEmpty: Bool { table == nil && lines.isEmpty && groups.isEmpty && bars.isEmpty }
    var charts: [ReportChart] { lines + bars }
}

extension Study {
    /// The sections that have something to show, in the study's order. Lines, bars and tables are of the groups where
    /// there are any; pictures are of each subject.
    var reportSections: [ReportSection] {
        let grouped = grouped
        let pictures = subjects.enumerated().flatMap { index, subject in
            subject.pictures.map { (subject: index, picture: $0) }
        }
        let plotted = grouped.plots
        let quantities = grouped.quantities
        let named =
            sections.map(\.title) + plotted.map(\.plot.section) + pictures.map(\.picture.section)
            + quantities.flatMap { [$0.section, $0.bars?.section ?? ""] }.filter { !$0.isEmpty }
        var files = FileNames()
        return FigureText.distinct(named).map { title in
            var section = ReportSection(
                title: title, introduction: sections.first { $0.title == title }?.introduction ?? "")
            section.table = quantities.contains { $0.section == title } ? ResultsTable(grouped, section: title) : nil
            for curves in plotted where curves.plot.section == title {
                section.lines += [ReportChart.lines(curves, &files), ReportChart.closeUp(curves, &files)]
                    .compactMap { $0 }
            }
            let mine = pictures.filter { $0.picture.section == title }
            section.groups = FigureText.distinct(mine.map(\.picture.group)).map { group in
                ReportSection.PictureGroup(title: group, pictures: mine.filter { $0.picture.group == group })
            }
            section.bars = quantities.filter { $0.bars?.section == title }
                .compactMap { ReportChart.bars($0, of: grouped, &files) }
            return section
        }.filter { !$0.isEmpty }
    }

    /// The curves of all subjects, those of one plot together.
    private var plots: [ReportChart.Curves] {
        var result: [ReportChart.Curves] = []
        for (index, subject) in subjects.enumerated() {
            for curve in subject.curves {
                let name = [subject.name, curve.name].filter { !$0.isEmpty }.joined(separator: ", ")
                let item = (subject: index, name: name, curve: curve)
                if let place = result.firstIndex(where: { $0.plot == curve.plot }) {
                    result[place].items.append(item)
                } else {
                    result.append(ReportChart.Curves(plot: curve.plot, items: [item]))
                }
            }
        }
        return result
    }
}
