import Charts
import Measurements

/// A chart of a report and what is said about it.
struct ReportChart {
    /// The file that it is saved under, without the ending.
    var fileName: String
    var title: String
    var caption: String
    var chart: any Chart
}

extension ReportChart {
    /// The curves that were drawn over one plot, with the number of their subject.
    struct Curves {
        var plot: Plot
        var items: [(subject: Int, name: String, curve: Curve)]

        var names: String { WordList.text(FigureText.distinct(items.map(\.name))) }

        /// The subject's colour; where subjects have several curves, each has a colour of its own.
        func color(_ index: Int) -> ChartColor {
            .series(items.contains { !$0.curve.name.isEmpty } ? index : items[index].subject)
        }
    }

    /// All curves of a plot; `nil` where none has a point.
    static func lines(_ curves: Curves, _ files: inout FileNames) -> ReportChart? {
        guard curves.items.contains(where: { !$0.curve.line.points.isEmpty }) else { return nil }
        let plot = curves.plot
        let series = curves.items.enumerated().map { index, item in
            LineSeries(
                name: item.name, color: curves.color(index), points: item.curve.line.points,
                faintPoints: item.curve.companion?.points ?? [], lows: item.curve.band?.lows ?? [],
                highs: item.curve.band?.highs ?? [], tag: "\(item.subject)")
        }
        return ReportChart(
            fileName: files.name(for: plot.id), title: plot.title, caption: caption(curves),
            chart: LineChart(
                title: plot.title, summary: "\(plot.title) of \(curves.names) over the \(plot.xAxis.label).",
                xAxis: Axis(plot.xAxis), yAxis: Axis(plot.yAxis), series: series))
    }

    /// The last three fifths of a plot's lines; `nil` where that shows too little.
    static func closeUp(_ curves: Curves, _ files: inout FileNames) -> ReportChart? {
        let plot = curves.plot
        let places = curves.items.flatMap(\.curve.line.points).map(\.x).filter(\.isFinite)
        guard plot.hasCloseUp, curves.items.contains(where: { $0.curve.line.points.count >= 100 }),
            let first = places.min(), let last = places.max()
        else { return nil }
        let start = first * 0.6 + last * 0.4
        func end(_ points: [CurvePoint]?) -> [CurvePoint] { points?.filter { $0.x >= start } ?? [] }
        let series = curves.items.enumerated().map { index, item in
            LineSeries(
                name: item.name, color: curves.color(index), points: end(item.curve.line.points),
                lows: end(item.curve.band?.lows), highs: end(item.curve.band?.highs), tag: "\(item.subject)")
        }
        guard series.contains(where: { $0.points.count > 1 }) else { return nil }
        let title = "\(plot.title), the last three fifths"
        return ReportChart(
            fileName: files.name(for: "\(plot.id)-close-up"), title: title,
            caption: "The same lines, the last three fifths on linear axes.",
            chart: LineChart(
                title: title, summary: "\(title), of \(curves.names) over the \(plot.xAxis.label).",
                xAxis: Axis(plot.xAxis, scale: .linear), yAxis: Axis(plot.yAxis, scale: .linear), series: series))
    }

    /// The bars of a quantity, beside the reference's where it has figures; `nil` where nothing can be drawn.
    static func bars(_ quantity: Quantity, of study: Study, _ files: inout FileNames) -> ReportChart? {
        let readings = study.subjects.map { $0.reading(of: quantity) }
        guard let bars = quantity.bars, readings.contains(where: { $0?.value.isFinite ?? false }) else { return nil }
        var series = [
            BarSeries(
                name: "measured", values: readings.map { $0?.value }, uncertainties: readings.map { $0?.uncertainty })
        ]
        let figures = readings.map { $0?.reference }
        let reference = figures.contains { $0 != nil } ? study.reference : nil
        if let reference { series.append(BarSeries(name: reference.name, values: figures, isOutlined: true)) }
        let floors = readings.map { $0?.floor }
        if floors.contains(where: { $0 != nil }) {
            series.append(BarSeries(name: "floor", values: floors, isOutlined: true))
        }
        let names = study.subjects.map(\.name)
        let unit = bars.scale.isEmpty ? quantity.unit : bars.scale
        let basis = readings.compactMap { $0?.basis }.first ?? ""
        let sentences = [
            !study.isMadeAlike(quantity)
                ? "Not made alike: see below the results." : basis.isEmpty ? "" : "\(FigureText.capitalized(basis)).",
            reference == nil ? "" : bars.referenceNote,
        ]
        let measure = unit.isEmpty ? "" : ", \(unit)"
        return ReportChart(
            fileName: files.name(for: quantity.id), title: bars.title,
            caption: sentences.filter { !$0.isEmpty }.joined(separator: " "),
            chart: BarChart(
                title: bars.title, summary: "\(bars.title) of \(WordList.text(names))\(measure).", unit: unit,
                categories: names, series: series, digits: bars.digits))
    }

    private static func caption(_ curves: Curves) -> String {
        func meanings(_ lines: [Curve.Line]) -> String {
            WordList.text(
                FigureText.distinct(lines.filter { !$0.points.isEmpty }.map(\.meaning)).filter { !$0.isEmpty })
        }
        let bold = meanings(curves.items.map(\.curve.line))
        let faint = meanings(curves.items.compactMap(\.curve.companion))
        let bands = FigureText.distinct(curves.items.compactMap(\.curve.band?.meaning))
        var sentences: [String] = []
        if faint.isEmpty {
            if !bold.isEmpty { sentences.append(bands.isEmpty ? "\(FigureText.capitalized(bold))." : "Line: \(bold).") }
        } else {
            sentences += bold.isEmpty ? [] : ["Bold: \(bold)."]
            sentences.append("Faint: \(faint).")
        }
        if !bands.isEmpty { sentences.append("Shaded: \(WordList.text(bands)).") }
        for axis in [curves.plot.xAxis, curves.plot.yAxis] where axis.isLogarithmic {
            sentences.append("The \(axis.label) axis is logarithmic.")
        }
        return sentences.joined(separator: " ")
    }
}

extension Axis {
    fileprivate init(_ axis: Plot.Axis, scale: AxisScale? = nil) {
        self.init(
            label: axis.label, unit: axis.unit, scale: scale ?? (axis.isLogarithmic ? .logarithmic : .linear))
    }
}
