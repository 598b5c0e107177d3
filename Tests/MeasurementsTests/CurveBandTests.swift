import Measurements
import Testing

@Suite("The band of several curves")
struct CurveBandTests {
    private let plot = Plot("p", title: "", section: "", xAxis: Plot.Axis(label: ""), yAxis: Plot.Axis(label: ""))

    private func curve(_ points: [(Double, Double)]) -> Curve {
        Curve(plot, line: Curve.Line(meaning: "steps", points: points.map { CurvePoint(x: $0.0, y: $0.1) }))
    }

    @Test("It goes from the lowest to the highest, the line is the mean")
    func extremes() throws {
        let curves = [curve([(1, 2), (2, 6)]), curve([(1, 4), (2, 1)]), curve([(1, 3), (2, 5)])]
        let mean = try #require(Curve.mean(of: curves, what: "seeds"))
        #expect(mean.line.points == [CurvePoint(x: 1, y: 3), CurvePoint(x: 2, y: 4)])
        #expect(mean.band?.lows == [CurvePoint(x: 1, y: 2), CurvePoint(x: 2, y: 1)])
        #expect(mean.band?.highs == [CurvePoint(x: 1, y: 4), CurvePoint(x: 2, y: 6)])
        #expect(mean.line.meaning == "the mean of 3 seeds of steps")
    }

    @Test("Between its points a curve is straight; beyond its end it does not count, and one alone makes no band")
    func otherPlaces() throws {
        let mean = try #require(
            Curve.mean(
                of: [curve([(0, 0), (4, 4), (8, 8)]), curve([(0, 2), (2, 4)]), curve([(0, 4), (4, 8)])], what: ""))
        #expect(mean.line.points.map(\.x) == [0, 2, 4])
        #expect(mean.line.points.map(\.y) == [2, 4, 6])
        #expect(mean.band?.lows.map(\.y) == [0, 2, 4])
    }

    @Test("A gap in one leaves the others; a single curve stays what it is")
    func gaps() throws {
        let mean = try #require(
            Curve.mean(of: [curve([(1, .nan), (2, 2)]), curve([(1, 3), (2, 4)]), curve([(1, 5), (2, 6)])], what: ""))
        #expect(mean.line.points == [CurvePoint(x: 1, y: 4), CurvePoint(x: 2, y: 4)])
        let single = curve([(1, 1)])
        #expect(Curve.mean(of: [single], what: "") == single && Curve.mean(of: [], what: "") == nil)
    }
}
