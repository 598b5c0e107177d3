package import Measurements

/// One line of a chart.
package struct LineSeries: Sendable, Equatable {
    package var name: String
    package var color: ChartColor
    /// The line itself, in order of x.
    package var points: [CurvePoint]
    /// What the line was smoothed from, drawn faintly behind all lines; may be empty.
    package var faintPoints: [CurvePoint]
    /// The lower edge of an area around the line, and the upper one at the same places; may be empty.
    package var lows: [CurvePoint]
    package var highs: [CurvePoint]
    /// By which a page finds what is drawn of the line; empty where it need not.
    package var tag: String

    package init(
        name: String, color: ChartColor, points: [CurvePoint], faintPoints: [CurvePoint] = [], lows: [CurvePoint] = [],
        highs: [CurvePoint] = [], tag: String = ""
    ) {
        self.name = name
        self.color = color
        self.points = points
        self.faintPoints = faintPoints
        self.lows = lows
        self.highs = highs
        self.tag = tag
    }
}

/// Lines over a common pair of axes.
package struct LineChart: Chart, Equatable {
    package var title: String
    /// What the chart shows, in a sentence, for those who cannot see it.
    package var summary: String
    package var xAxis: Axis
    package var yAxis: Axis
    package var series: [LineSeries]

    package init(title: String, summary: String, xAxis: Axis, yAxis: Axis, series: [LineSeries]) {
        self.title = title
        self.summary = summary
        self.xAxis = xAxis
        self.yAxis = yAxis
        self.series = series
    }

    package func layout(size: ChartSize) -> Drawing {
        var drawing = Drawing(width: size.width, height: 0, title: title, summary: summary)
        var top = drawing.addTitle()
        top = drawing.addLegend(
            series.map { LegendEntry(name: $0.name, color: $0.color, swatch: .line, tag: $0.tag) }, top: top)
        let style = TextStyle.label
        let caption = style.fitted(yAxis.caption, to: size.width - 2 * Drawing.margin)
        drawing.marks.append(.text(caption, at: Place(x: Drawing.margin, y: top + 16), anchor: .start, style: style))
        top += 30

        let all = series.lazy.flatMap { [$0.points, $0.faintPoints, $0.lows, $0.highs] }.joined()
        let xTicks = AxisTicks(covering: all.map(\.x), scale: xAxis.scale, target: size == .wide ? 8 : 5)
        let yTicks = AxisTicks(covering: all.map(\.y), scale: yAxis.scale, target: 6)
        let left = Drawing.margin + (yTicks.labels.map(style.width).max() ?? 0) + 8
        let plot = Box(x: left, y: top, width: size.width - left - Drawing.margin - 8, height: size.plotHeight)
        drawing.height = plot.maxY + 48

        drawing.addAxes(xTicks, yTicks, in: plot, xCaption: xAxis.caption)
        let panel = Panel(xTicks: xTicks, yTicks: yTicks, box: plot)
        for line in series {
            drawing.add(
                panel.areas(line.lows, line.highs, color: line.color)
                    + panel.lines(line.faintPoints, color: line.color, width: 1, opacity: 0.25), tag: line.tag)
        }
        for line in series {
            drawing.add(panel.lines(line.points, color: line.color, width: 2, opacity: 1), tag: line.tag)
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
}

/// Where a chart's lines are drawn, and how numbers become places in it.
private struct Panel {
    let xTicks: AxisTicks
    let yTicks: AxisTicks
    let box: Box

    private func place(_ point: CurvePoint) -> CurvePoint {
        guard let x = xTicks.position(of: point.x), let y = yTicks.position(of: point.y) else {
            return CurvePoint(x: .nan, y: .nan)
        }
        return CurvePoint(x: box.x + x * box.width, y: box.maxY - y * box.height)
    }

    /// A line in the pieces that its gaps leave, at most one lowest and highest point a pixel column.
    func lines(_ points: [CurvePoint], color: ChartColor, width: Double, opacity: Double) -> [Mark] {
        // In the plot's own units equal stretches are equal pixel columns, on a logarithmic axis too.
        let places = points.map(place).decimated(columns: Int(box.width))
        let showsPoints = points.count <= 24 && opacity == 1
        return places.split(whereSeparator: { !$0.isFinite }).flatMap { piece -> [Mark] in
            let line = piece.map { Place(x: $0.x, y: $0.y) }
            let discs =
                showsPoints || line.count == 1 ? line.map { Mark.disc($0, radius: width * 1.5, color: color) } : []
            return (line.count > 1 ? [.line(line, color: color, width: width, opacity: opacity)] : []) + discs
        }
    }

    /// What lies between two lines, in the pieces that their gaps leave.
    func areas(_ lows: [CurvePoint], _ highs: [CurvePoint], color: ChartColor) -> [Mark] {
        let edges = zip(lows, highs).map { (low: place($0), high: place($1)) }
        return edges.split(whereSeparator: { !$0.low.isFinite || !$0.high.isFinite }).filter { $0.count > 1 }.map {
            let columns = Int(box.width)
            let edge = $0.map(\.high).decimated(columns: columns) + $0.map(\.low).decimated(columns: columns).reversed()
            return .area(edge.map { Place(x: $0.x, y: $0.y) }, color: color)
        }
    }
}
