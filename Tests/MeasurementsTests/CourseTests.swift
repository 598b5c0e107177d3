import Measurements
import Testing

@Suite struct CourseTests {
    private static let plot = Plot(
        "loss", title: "Loss", section: "Loss", xAxis: Plot.Axis(label: "step"), yAxis: Plot.Axis(label: "loss"))

    @Test func finalMeansAreThoseTheRunIsLongEnoughFor() throws {
        let course = Course((1...1_000).map(Double.init))
        for (window, expected) in [(1_000, 500.5), (500, 750.5), (100, 950.5), (50, 975.5), (1, 1_000)] {
            let mean = try #require(course.finalMean(over: window))
            #expect(abs(mean - expected) < 1e-9)
        }
        #expect(course.finalMean(over: 1_001) == nil && course.finalMean(over: 0) == nil)
        #expect(Course([]).finalMean(over: 1) == nil)
    }

    @Test func aValueThatIsNotFiniteSpoilsItsMeansAndLeavesAGap() throws {
        var values = [Double](repeating: 2, count: 200)
        values[120] = .nan
        let course = Course(values)
        #expect(try #require(course.finalMean(over: 100)).isNaN)
        #expect(course.finalMean(over: 50) == 2)
        let curve = course.curve(Self.plot)
        #expect(curve.companion?.points.contains { !$0.isFinite } == true)
        #expect(curve.line.points.allSatisfy { $0.isFinite })
        #expect(curve == curve)
    }

    @Test func curvesAreThinnedButKeepTheirEnds() throws {
        let curve = Course((0..<20_000).map { Double($0 % 97) }).curve(Self.plot)
        let steps = try #require(curve.companion).points
        #expect(steps.count <= 1_010 && steps.count > 500)
        #expect(curve.line.points.count <= 501 && curve.line.points.count > 400)
        #expect(steps.first?.x == 1 && steps.last?.x == 20_000 && curve.line.points.last?.x == 20_000)
        #expect(curve.line.meaning == "the running mean of 100 steps")
        #expect(steps.map(\.y).min() == 0 && steps.map(\.y).max() == 96)
    }

    @Test func aShortRunIsNotSmoothed() {
        let curve = Course([5, 4, 3]).curve(Self.plot)
        #expect(curve.line.points == [CurvePoint(x: 1, y: 5), CurvePoint(x: 2, y: 4), CurvePoint(x: 3, y: 3)])
        #expect(curve.companion == nil && curve.line.meaning == "single steps")
        #expect(Course([]).curve(Self.plot).line.points.isEmpty)
    }
}
