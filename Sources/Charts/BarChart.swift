import Measurements

/// One kind of bar, a value for each of the chart's categories.
package struct BarSeries: Sendable, Equatable {
    package var name: String
    /// In the order of the categories; `nil` and numbers that are not finite are said to be missing.
    package var values: [Double?]
    /// Half the width of each value's interval; nil, or nothing at all, where it is not known.
    package var uncertainties: [Double?]
    /// Draws the bars hollow, for values that are only there to compare with.
    package var isOutlined: Bool

    package init(name: String, values: [Double?], uncertainties: [Double?] = [], isOutlined: Bool = false) {
        self.name = name
        self.values = values
        self.uncertainties = uncertainties
        self.isOutlined = isOutlined
    }
}

/// Horizontal bars from zero, each with its value written at its end, grouped by category.
///
/// A category has one colour throughout; what tells the series of a group apart is filled against hollow.
package struct BarChart: Chart, Equatable {
    package var title: String
    /// What the chart shows, in a sentence, for those who cannot see it.
    package var summary: String
    /// What the lengths are measured in.
    package var unit: String
    package var categories: [String]
    package var series: [BarSeries]
    /// How many significant digits a value is written with.
    package var digits: Int

    package init(
        title: String, summary: String, unit: String, categories: [String], series: [BarSeries], digits: Int = 3
    ) {
        self.title = title
        self.summary = summary
        self.unit = unit
        self.categories = categories
        self.series = series
        self.digits = digits
    }

    package func layout(size: ChartSize) -> Drawing {
        var drawing = Drawing(width: size.width, height: 0, title: title, summary: summary)
        var y = drawing.addTitle()
        if !unit.isEmpty {
            drawing.marks.append(
                .text(unit, at: Place(x: Drawing.margin, y: y + 14), anchor: .start, style: .label))
            y += 20
        }
        if series.count > 1 {
            let entries = series.map {
                LegendEntry(name: $0.name, color: .muted, swatch: .bar(isOutlined: $0.isOutlined))
            }
            y = drawing.addLegend(entries, top: y)
        }
        y += 10
        let top = y

        let names = categories.map { TextStyle.value.fitted($0, to: size.width * 0.3) }
        let left = Drawing.margin + (names.map(TextStyle.value.width).max() ?? 0) + 10
        let texts = series.map { series in
            categories.indices.map { text(series.value(at: $0), series.uncertainty(at: $0)) }
        }
        let room = (texts.joined().map(TextStyle.value.width).max() ?? 0) + 8
        let full = max(20, size.width - left - Drawing.margin - room)
        let longest =
            series.flatMap { series in
                categories.indices.compactMap { index in
                    series.value(at: index).map { $0 + (series.uncertainty(at: index) ?? 0) }
                }
            }.max() ?? 0
        let (thickness, gap, groupGap) = (16.0, 4.0, 16.0)

        for category in categories.indices {
            let groupTop = y
            for (index, series) in series.enumerated() {
                let value = series.value(at: category)
                let share = value.map { longest > 0 ? max(0, $0 / longest) : 0 } ?? 0
                let box = Box(x: left, y: y, width: share * full, height: thickness)
                if value != nil {
                    drawing.marks.append(.bar(box, color: .series(category), isOutlined: series.isOutlined))
                }
                var end = box.maxX
                if let value, let half = series.uncertainty(at: category), longest > 0 {
                    let whisker = [max(0, value - half), value + half].map {
                        Place(x: left + $0 / longest * full, y: y + thickness / 2)
                    }
                    drawing.marks.append(.line(whisker, color: .ink, width: 1.5, opacity: 1))
                    end = max(end, whisker[1].x)
                }
                drawing.marks.append(
                    .text(
                        texts[index][category], at: Place(x: end + 7, y: y + 12.5), anchor: .start,
                        style: value == nil || series.isOutlined ? .label : .value))
                y += thickness + gap
            }
            let middle = (groupTop + max(groupTop, y - gap)) / 2
            drawing.marks.append(
                .text(names[category], at: Place(x: Drawing.margin, y: middle + 4), anchor: .start, style: .value))
            y += groupGap - gap
        }
        drawing.marks.append(
            .line(
                [Place(x: left, y: top - 6), Place(x: left, y: max(top, y - groupGap) + 6)], color: .muted, width: 1,
                opacity: 1))
        drawing.height = max(top, y - groupGap) + 18
        return drawing
    }

    private func text(_ value: Double?, _ uncertainty: Double?) -> String {
        guard let value else { return "not measured" }
        return DecimalText.significant(value, digits: digits)
            + (uncertainty.map { " ± \(DecimalText.significant($0, digits: 2))" } ?? "")
    }
}

extension BarSeries {
    /// The value of a category, held within what can be drawn.
    fileprivate func value(at index: Int) -> Double? {
        guard index < values.count, let value = values[index], value.isFinite else { return nil }
        return value
    }

    fileprivate func uncertainty(at index: Int) -> Double? {
        guard index < uncertainties.count, let half = uncertainties[index], half.isFinite else { return nil }
        return half
    }
}
