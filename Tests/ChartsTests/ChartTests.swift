import Foundation
import FoundationXML
import Measurements
import Testing

@testable import Charts

/// Whether a text is well-formed XML, and the element names in it.
private final class WellFormedness: NSObject, XMLParserDelegate {
    private(set) var elements: [String: Int] = [:]
    private(set) var characters = ""

    static func check(_ text: String) throws -> WellFormedness {
        let delegate = WellFormedness()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = delegate
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        return delegate
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        elements[name, default: 0] += 1
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { characters += string }
}

private func chart(_ values: [Double], scale: AxisScale = .linear) -> LineChart {
    let points = values.enumerated().map { CurvePoint(x: Double($0), y: $1) }
    let highs = points.map { CurvePoint(x: $0.x, y: $0.y + 1) }
    return LineChart(
        title: "Loss", summary: "A test.", xAxis: Axis(label: "step"), yAxis: Axis(label: "loss", scale: scale),
        series: [LineSeries(name: "a", color: .series(0), points: points, lows: points, highs: highs)])
}

@Suite struct LineChartTests {
    static let hard: [[Double]] = [
        [], [3], [.nan], [1, .nan, 3], [.nan, .nan, 2], [0, 0, 0], [-1, 0, 1], [1e308, -1e308, 3],
        [.leastNonzeroMagnitude, 1e308],
        [.infinity, 1, -.infinity, 2, 3], Array(repeating: 7, count: 3_000),
    ]

    @Test(arguments: hard, [AxisScale.linear, .logarithmic])
    func everythingIsDrawnWithinTheChart(values: [Double], scale: AxisScale) throws {
        for size in ChartSize.allCases {
            let drawing = chart(values, scale: scale).layout(size: size)
            for mark in drawing.marks.flatMap(\.alone) {
                let places: [Place] =
                    switch mark {
                    case .line(let places, _, _, _): places
                    case .disc(let center, _, _): [center]
                    case .bar(let box, _, _): [Place(x: box.x, y: box.y), Place(x: box.maxX, y: box.maxY)]
                    case .text(_, let place, _, _): [place]
                    case .area(let places, _): places
                    case .group: []
                    }
                for place in places {
                    #expect(place.x >= 0 && place.x <= drawing.width && place.y >= 0 && place.y <= drawing.height)
                }
            }
            _ = try WellFormedness.check(drawing.svg())
        }
    }

    @Test func whatIsOfOneThingCanBeFound() {
        let series = (0..<8).map { index in
            LineSeries(
                name: "\(index)", color: .series(index), points: [CurvePoint(x: 0, y: 1), CurvePoint(x: 1, y: 2)],
                tag: "<\(index)>")
        }
        let svg = LineChart(title: "", summary: "", xAxis: Axis(label: ""), yAxis: Axis(label: ""), series: series)
            .svg()
        // In the legend and in the plot.
        #expect(svg.matches(of: /<g data-tag="&lt;3&gt;">/).count == 2)
        // The seventh and eighth lines have colours that are taken.
        #expect(svg.matches(of: /stroke-dasharray/).count == 4)
    }

    @Test func aBandLiesWithinItsEdges() throws {
        let lows = [0.0, 1, .nan, 3, 4].enumerated().map { CurvePoint(x: Double($0), y: $1) }
        let highs = lows.map { CurvePoint(x: $0.x, y: $0.y + 2) }
        let line = LineSeries(name: "a", color: .series(0), points: [], lows: lows, highs: highs)
        let chart = LineChart(
            title: "", summary: "", xAxis: Axis(label: ""), yAxis: Axis(label: ""), series: [line])
        let areas = chart.layout(size: .wide).marks.compactMap {
            if case .area(let places, _) = $0 { places } else { nil }
        }
        #expect(areas.map(\.count) == [4, 4])
        #expect(areas.allSatisfy { $0[0].x == $0[3].x && $0[0].y < $0[3].y })
    }

    @Test func aGapSplitsALineAndALonePointIsADot() {
        let marks = chart([1, 2, .nan, 4, .nan, 5, 6]).layout(size: .wide).marks
        let lines = marks.count { if case .line(_, color: .series(0), width: 2, _) = $0 { true } else { false } }
        let dots = marks.count { if case .disc = $0 { true } else { false } }
        #expect(lines == 2)
        #expect(dots == 5)
    }

    @Test func aLongSeriesStaysLight() {
        let long = chart((0..<200_000).map { sin(Double($0)) })
        #expect(long.svg().utf8.count < 60_000)
    }

    @Test func hostileTextStaysText() throws {
        let hostile = "<script>alert('x')</script> & \"quoted\" \u{0}\u{1}"
        var chart = chart([1, 2, 3])
        chart.title = hostile
        chart.summary = hostile
        chart.series[0].name = hostile
        chart.xAxis.label = hostile
        chart.yAxis.unit = hostile
        let found = try WellFormedness.check(chart.svg())
        #expect(found.elements["script"] == nil)
        #expect(found.characters.contains("<script>alert('x')</script> & \"quoted\" \u{FFFD}\u{FFFD}"))
    }

    @Test func titleAndSummaryAreForScreenReaders() throws {
        let found = try WellFormedness.check(chart([1, 2]).svg())
        #expect(found.elements["title"] == 1 && found.elements["desc"] == 1)
        #expect(found.characters.contains("A test."))
    }
}

@Suite struct BarChartTests {
    private func boxes(_ values: [Double?]) -> [Box] {
        let chart = BarChart(
            title: "Speed", summary: "", unit: "steps/s", categories: values.indices.map { "m\($0)" },
            series: [BarSeries(name: "this run", values: values)])
        return chart.layout(size: .wide).marks.compactMap { if case .bar(let box, _, _) = $0 { box } else { nil } }
    }

    @Test func lengthsAreInProportion() {
        let bars = boxes([1, 2, 4])
        #expect(abs(bars[1].width - 2 * bars[0].width) < 1e-9)
        #expect(abs(bars[2].width - 4 * bars[0].width) < 1e-9)
    }

    @Test func missingAndStrangeValuesDoNotBreakIt() throws {
        #expect(boxes([nil, .nan, .infinity]).isEmpty)
        #expect(boxes([-5, 0]).allSatisfy { $0.width == 0 })
        #expect(boxes([1e308, 1]).allSatisfy { $0.width.isFinite && $0.maxX <= 760 })
        let empty = BarChart(title: "", summary: "", unit: "", categories: [], series: [])
        _ = try WellFormedness.check(empty.svg())
    }
}

@Suite struct ChartThemeTests {
    private func luminance(_ color: RGBColor) -> Double {
        let linear = [color.red, color.green, color.blue].map { channel in
            let value = Double(channel) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    private func contrast(_ a: RGBColor, _ b: RGBColor) -> Double {
        let (x, y) = (luminance(a), luminance(b))
        return (max(x, y) + 0.05) / (min(x, y) + 0.05)
    }

    /// WCAG 2.2: 4.5 for text, 3 for graphics.
    @Test func textAndLinesStandOut() {
        for theme in [ChartTheme.light, .dark] {
            let surface = theme.color(.surface)
            #expect(contrast(theme.color(.ink), surface) >= 7)
            #expect(contrast(theme.color(.muted), surface) >= 4.5)
            for index in 0..<ChartTheme.paletteCount {
                #expect(contrast(theme.color(.series(index)), surface) >= 3, "series \(index)")
            }
        }
    }

    @Test func numbersPastThePaletteStartOver() {
        #expect(ChartTheme.light.color(.series(6)) == ChartTheme.light.color(.series(0)))
        #expect(ChartTheme.light.color(.series(-1)) == ChartTheme.light.color(.series(5)))
    }
}

extension Mark {
    /// The mark, or those of a group.
    fileprivate var alone: [Mark] { if case .group(_, let marks) = self { marks.flatMap(\.alone) } else { [self] } }
}
