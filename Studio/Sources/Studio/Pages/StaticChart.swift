import Foundation

/// A chart as the page brings it along: what there was when it was asked for. A script draws a finer one in its place.
struct StaticChart {
    private let points: [(x: Double, y: Double)]

    init(_ records: RecordColumns, _ name: String) {
        func columns(_ values: [Double?]) -> [(x: Double, y: Double)] {
            zip(records.step, values).compactMap { step, value in value.map { (Double(step), $0) } }
        }
        switch name {
        case "loss": points = columns(records.loss)
        case "learning-rate": points = columns(records.learningRate)
        case "gradient-norm": points = columns(records.gradientNorm)
        case "speed": points = columns(records.stepsPerSecond)
        case "held-out":
            points = records.heldOut.compactMap { held in (held.averaged ?? held.raw).map { (Double(held.step), $0) } }
        default: points = records.distance.compactMap { item in item.value.map { (Double(item.step), $0) } }
        }
    }

    init(_ points: [(x: Double, y: Double)]) { self.points = points }

    var html: HTML {
        let path = StaticChart.path(points, StaticChart.frame(of: [points]))
        return
            "<svg viewBox=\"0 0 600 200\" preserveAspectRatio=\"none\" class=\"static\" role=\"img\" aria-label=\"Curve\"><path class=\"line s0\" d=\"\(path)\"/></svg>"
    }

    typealias Frame = (x: ClosedRange<Double>, y: ClosedRange<Double>)

    /// The ranges of some lines together.
    static func frame(of lines: [[(x: Double, y: Double)]]) -> Frame {
        let (xs, ys) = (lines.joined().map(\.x), lines.joined().map(\.y))
        let (left, right) = (xs.min() ?? 0, xs.max() ?? 1)
        // The first steps of a training are far above the rest; they are cut off.
        let sorted = ys.sorted()
        let high = sorted.isEmpty ? 1 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * 0.98))]
        let low = sorted.first ?? 0
        return (left...max(right, left + 1), low...max(high, low + 1e-12))
    }

    /// A line in a box of 600 by 200.
    static func path(_ points: [(x: Double, y: Double)], _ frame: Frame) -> String {
        points.enumerated().map { index, point in
            let x = (point.x - frame.x.lowerBound) / (frame.x.upperBound - frame.x.lowerBound) * 600
            let y = (point.y - frame.y.lowerBound) / (frame.y.upperBound - frame.y.lowerBound)
            return (index == 0 ? "M" : "L") + String(format: "%.1f %.1f", x, 196 - 192 * min(max(y, 0), 1.02))
        }.joined()
    }
}
