import Testing

@testable import Charts

@Suite struct AxisTests {
    static let spans: [(Double, Double)] = [
        (0, 1), (1, 5_000), (120, 160), (-3, 7), (-1e-9, 1e-9), (0.1, 0.3), (1e15, 1e15 + 2), (-1e300, 1e300),
        (-1.7e308, 1.7e308), (.leastNonzeroMagnitude, 1),
        (42, 42), (0, 0), (-7, -7), (1e-305, 2e-305), (99.99999, 100.00001),
    ]

    @Test(arguments: spans, [AxisScale.linear, .logarithmic])
    func ticksCoverTheDataInRisingOrder(span: (Double, Double), scale: AxisScale) {
        for target in 2...10 {
            let ticks = AxisTicks(covering: [span.0, span.1], scale: scale, target: target)
            #expect(ticks.values.count >= 2 && ticks.values.count <= 14, "\(ticks.values)")
            #expect(ticks.values.count == ticks.labels.count)
            #expect(zip(ticks.values, ticks.values.dropFirst()).allSatisfy { $0 < $1 }, "\(ticks.values)")
            #expect(ticks.values.allSatisfy { $0.isFinite })
            for value in [span.0, span.1] where scale == .linear || value > 0 {
                let held = min(max(value, scale == .linear ? -1e300 : 1e-300), 1e300)
                #expect(ticks.lowerBound <= held && held <= ticks.upperBound, "\(ticks.values) of \(span)")
            }
        }
    }

    @Test func labelsAreDistinctWhereDoublesAre() {
        for span in Self.spans.prefix(6) {
            let ticks = AxisTicks(covering: [span.0, span.1], scale: .linear)
            #expect(Set(ticks.labels).count == ticks.labels.count, "\(ticks.labels)")
        }
    }

    @Test func aRunOfRoundLengthEndsAtItsLastTick() {
        for target in [5, 8] {
            let ticks = AxisTicks(covering: [1, 5_000], scale: .linear, target: target)
            #expect(ticks.lowerBound == 0 && ticks.upperBound == 5_000)
        }
    }

    @Test func logarithmicTicksAreRound() {
        let loss = AxisTicks(covering: [120, 1_400], scale: .logarithmic)
        #expect(loss.labels == ["100", "200", "500", "1,000", "2,000"])
        let decades = AxisTicks(covering: [1e-6, 1e6], scale: .logarithmic, target: 7)
        #expect(decades.values == [1e-6, 1e-4, 1e-2, 1, 1e2, 1e4, 1e6])
    }

    @Test func positionsRunFromZeroToOne() throws {
        let linear = AxisTicks(covering: [0, 10], scale: .linear)
        #expect(linear.position(of: 0) == 0)
        #expect(linear.position(of: 10) == 1)
        let middle = try #require(linear.position(of: 5))
        #expect(abs(middle - 0.5) < 1e-12)
        let logarithmic = AxisTicks(covering: [1, 10_000], scale: .logarithmic)
        let mean = try #require(logarithmic.position(of: 100))
        #expect(abs(mean - 0.5) < 1e-12)
        #expect(logarithmic.position(of: 0) == nil)
        #expect(logarithmic.position(of: -1) == nil)
        #expect(linear.position(of: .nan) == nil)
        #expect(linear.position(of: .infinity) == nil)
    }

    @Test func noDataStillMakesAnAxis() {
        for scale in [AxisScale.linear, .logarithmic] {
            for data in [[], [Double.nan], [.infinity, -.infinity]] {
                #expect(AxisTicks(covering: data, scale: scale).values.count >= 2)
            }
        }
    }
}
