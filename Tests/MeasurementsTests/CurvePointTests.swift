import Foundation
import Measurements
import Testing

@Suite struct SeriesTests {
    @Test func aConstantStaysAndALineKeepsItsMiddle() {
        #expect([3.0, 3, 3, 3].smoothed(window: 3) == [3, 3, 3, 3])
        let line = (0..<50).map(Double.init)
        let smoothed = line.smoothed(window: 5)
        for index in 0..<48 { #expect(abs(smoothed[index] - line[index]) < 1e-12) }
        #expect(line.smoothed(window: 1) == line)
        #expect([Double]().smoothed(window: 7).isEmpty)
    }

    @Test func whatIsNotFiniteIsLeftOutOfAMean() {
        let smoothed = [1, .nan, 3, .infinity, 5].smoothed(window: 3)
        #expect(smoothed == [1, 2, 3, 4, 5])
        #expect([Double.nan].smoothed(window: 3)[0].isNaN)
        #expect([1e308, 1e308, 1e308].smoothed(window: 3).allSatisfy { $0 <= 1e308 && $0 > 9e307 })
    }

    @Test(arguments: [1, 7, 100, 760]) func decimationKeepsTheEnvelope(columns: Int) {
        let points = (0..<5_000).map { CurvePoint(x: Double($0), y: sin(Double($0 * $0))) }
        let thinned = points.decimated(columns: columns)
        #expect(thinned.count <= 2 * columns + 4)
        #expect(thinned.first == points.first && thinned.last == points.last)
        #expect(zip(thinned, thinned.dropFirst()).allSatisfy { $0.x < $1.x })
        let width = 4_999 / Double(columns)
        for column in 0..<columns {
            func range(_ points: [CurvePoint]) -> [Double?] {
                let values = points.filter { ($0.x / width).rounded(.down) == Double(column) }.map(\.y)
                return [values.min(), values.max()]
            }
            #expect(range(thinned) == range(points))
        }
    }

    @Test func decimationKeepsGapsAndShortLines() {
        var points = (0..<1_000).map { CurvePoint(x: Double($0), y: 1) }
        #expect(points.decimated(columns: 500) == points)
        for index in 400..<600 { points[index].y = .nan }
        let thinned = points.decimated(columns: 20)
        let pieces = thinned.split { !$0.isFinite }
        #expect(pieces.map { $0.first?.x } == [0, 600])
        #expect(pieces.map { $0.last?.x } == [399, 999])
        #expect(thinned.count { !$0.isFinite } == 1)
    }

    @Test func decimationEndsForDegenerateAbscissas() {
        for x in [0.0, .leastNonzeroMagnitude, 1e308, .nan] {
            let points = (0..<100).map { CurvePoint(x: x * Double($0 % 2), y: 1) }
            #expect(points.decimated(columns: 3).count <= 100)
        }
    }
}
