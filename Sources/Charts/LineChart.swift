public import Measurements

/// One line of a chart.
public struct LineSeries: Sendable, Equatable {
    public var name: String
    public var color: ChartColor
    /// The line itself, in order of x.
    public var points: [CurvePoint]
    /// What the line was smoothed from, drawn faintly behind all lines; may be empty.
    public var faintPoints: [CurvePoint]

    public init(name: String, color: ChartColor, points: [CurvePoint], faintPoints: [CurvePoint] = []) {
        self.name = name
        self.color = color
        self.points = points
        self.faintPoints = faintPoints
    }
}

/// Lines over a common pair of axes.
public struct LineChart: Chart, Equatable {
    public var title: String
    /// What the chart shows, in a sentence, for those who cannot see it.
    public var summary: String
    public var xAxis: Axis
    public var yAxis: Axis
    public var series: [LineSeries]

    public init(title: String, summary: String, xAxis: Axis, yAxis: Axis, series: [LineSeries]) {
        self.title = title
        self.summary = summary
        self.xAxis = xAxis
        self.yAxis = yAxis
        self.series = series
    }

    public func layout(size: ChartSize) -> Drawing {
        var drawing = Drawing(width: size.width, height: 0, title: title, summary: summary)
        var top = drawing.addTitle()
        top = drawing.addLegend(
            series.map { LegendEntry(name: $0.name, color: $0.color, swatch: .line) }, top: top)
        let style = TextStyle.label
        let caption = style.fitted(yAxis.caption, to: size.width - 2 * Drawing.margin)
        drawing.marks.append(.text(caption, at: Place(x: Drawing.margin, y: top + 16), anchor: .start, style: style))
        top += 30

        let all = series.lazy.flatMap { [$0.points, $0.faintPoints] }.joined()
        let xTicks = AxisTicks(covering: all.map(\.x), scale: xAxis.scale, target: size == .wide ? 8 : 5)
        let yTicks = AxisTicks(covering: all.map(\.y), scale: yAxis.scale, target: 6)
        let left = Drawing.margin + (yTicks.labels.map(style.width).max() ?? 0) + 8
        let plot = Box(x: left, y: top, width: size.width - left - Drawing.margin - 8, height: size.plotHeight)
        drawing.height = plot.maxY + 48

        drawing.addAxes(xTicks, yTicks, in: plot, xCaption: xAxis.caption)
        for line in series {
            drawing.add(line.faintPoints, xTicks, yTicks, in: plot, color: line.color, width: 1, opacity: 0.25)
        }
        for line in series {
            drawing.add(line.points, xTicks, yTicks, in: plot, color: line.color, width: 2, opacity: 1)
        }
        return drawing
    }
}

extension Drawing {
    fileprivate mutating func addAxes(_ xTicks: AxisTicks, _ yTicks: AxisTicks, in plot: Box, xCaption: String) {
        let style = TextStyle.label
        for (value, label) in zip(yTicks.values, yTicks.labels) {
            guard let position = yTicks.position(of: value) else { continue }
            let y = plot.maxY - position * plot.height
            marks.append(
                .line([Place(x: plot.x, y: y), Place(x: plot.maxX, y: y)], color: .grid, width: 1, opacity: 1))
            marks.append(.text(label, at: Place(x: plot.x - 8, y: y + 4), anchor: .end, style: style))
        }
        var free = -Double.infinity
        for (value, label) in zip(xTicks.values, xTicks.labels) {
            guard let position = xTicks.position(of: value) else { continue }
            let x = plot.x + position * plot.width
            marks.append(
                .line([Place(x: x, y: plot.maxY), Place(x: x, y: plot.maxY + 5)], color: .muted, width: 1, opacity: 1))
            let half = style.width(of: label) / 2
            let middle = min(x, width - 4 - half)
            // A label that would touch its neighbour is left out; its mark stays.
            guard middle - half > free else { continue }
            marks.append(.text(label, at: Place(x: middle, y: plot.maxY + 19), anchor: .middle, style: style))
            free = middle + half + 6
        }
        marks.append(
            .line(
                [Place(x: plot.x, y: plot.maxY), Place(x: plot.maxX, y: plot.maxY)], color: .muted, width: 1,
                opacity: 1))
        let caption = style.fitted(xCaption, to: plot.width)
        marks.append(
            .text(caption, at: Place(x: plot.x + plot.width / 2, y: plot.maxY + 38), anchor: .middle, style: style))
    }

    /// Draws a line in the pieces that its gaps leave, at most one lowest and highest point a pixel column.
    fileprivate mutating func add(
        _ points: [CurvePoint], _ xTicks: AxisTicks, _ yTicks: AxisTicks, in plot: Box, color: ChartColor,
        width: Double, opacity: Double
    ) {
        // In the plot's own units equal stretches are equal pixel columns, on a logarithmic axis too.
        let places = points.map { point in
            guard let x = xTicks.position(of: point.x), let y = yTicks.position(of: point.y) else {
                return CurvePoint(x: .nan, y: .nan)
            }
            return CurvePoint(x: plot.x + x * plot.width, y: plot.maxY - y * plot.height)
        }
        let showsPoints = points.count <= 24 && opacity == 1
        for piece in places.decimated(columns: Int(plot.width)).split(whereSeparator: { !$0.isFinite }) {
            let line = piece.map { Place(x: $0.x, y: $0.y) }
            if line.count > 1 {
                marks.append(.line(line, color: color, width: width, opacity: opacity))
            }
            if showsPoints || line.count == 1 {
                marks += line.map { .disc($0, radius: width * 1.5, color: color) }
            }
        }
    }
}
