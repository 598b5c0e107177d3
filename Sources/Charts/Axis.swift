import Foundation
import Measurements

/// How an axis maps numbers to distance.
package enum AxisScale: Sendable, Equatable {
    case linear
    /// Numbers that are not above zero have no place on a logarithmic axis: they leave a gap.
    case logarithmic
}

/// What an axis shows.
package struct Axis: Sendable, Equatable {
    package var label: String
    /// The unit, written after the label in brackets; empty for a plain number.
    package var unit: String
    package var scale: AxisScale

    package init(label: String, unit: String = "", scale: AxisScale = .linear) {
        self.label = label
        self.unit = unit
        self.scale = scale
    }

    var caption: String { unit.isEmpty ? label : "\(label) (\(unit))" }
}

/// The round numbers that mark an axis. The first is at most the smallest value shown, the last at least the largest.
struct AxisTicks: Sendable, Equatable {
    /// Rising, at least two.
    let values: [Double]
    let labels: [String]
    private let scale: AxisScale

    /// Numbers beyond this are drawn at it, so that no difference of two overflows.
    private static let largest = 1e300
    /// The least positive number of a logarithmic axis.
    private static let smallest = 1e-300

    /// Ticks that cover `data`; numbers that have no place on the scale are passed over.
    ///
    /// - Parameter target: about how many ticks to aim at; at least 2.
    init(covering data: some Sequence<Double>, scale: AxisScale, target: Int = 6) {
        var lower = Double.infinity
        var upper = -Double.infinity
        for value in data where value.isFinite && (scale == .linear || value > 0) {
            lower = min(lower, value)
            upper = max(upper, value)
        }
        self.scale = scale
        switch scale {
        case .linear:
            if lower > upper { (lower, upper) = (0, 1) }
            (values, labels) = Self.linear(
                lower: max(lower, -Self.largest), upper: min(upper, Self.largest), target: max(2, target))
        case .logarithmic:
            if lower > upper { (lower, upper) = (1, 10) }
            (values, labels) = Self.logarithmic(
                lower: min(max(lower, Self.smallest), Self.largest),
                upper: min(max(upper, Self.smallest), Self.largest), target: max(2, target))
        }
    }

    var lowerBound: Double { values[0] }
    var upperBound: Double { values[values.count - 1] }

    /// Where a value lies between the first tick (0) and the last (1); `nil` if it has no place on the scale.
    func position(of value: Double) -> Double? {
        guard value.isFinite else { return nil }
        let position: Double
        switch scale {
        case .linear:
            position = (value / 2 - lowerBound / 2) / (upperBound / 2 - lowerBound / 2)
        case .logarithmic:
            guard value > 0 else { return nil }
            position = (log10(value) - log10(lowerBound)) / (log10(upperBound) - log10(lowerBound))
        }
        return min(max(position, 0), 1)
    }

    private static func linear(lower: Double, upper: Double, target: Int) -> ([Double], [String]) {
        var (lower, upper) = (lower, upper)
        let magnitude = max(abs(lower), abs(upper))
        // One value, or values closer than the digits of a Double can part, are given room on both sides.
        if upper - lower <= magnitude * 1e-12 {
            let room = magnitude > smallest ? magnitude * 0.05 : 1
            lower -= room
            upper += room
        }
        let (first, count, step) = steps(lower: lower, upper: upper, target: target)
        var values = (0...count).map { (first + Double($0)) * step }
        values[0] = min(values[0], lower)
        values[count] = max(values[count], upper)
        let largest = max(abs(values[0]), abs(values[count]))
        let stepExponent = Int(log10(step).rounded(.down))
        // A step such as 2.5 has one digit more than its exponent says.
        let spare = abs(step / DecimalText.powerOfTen(stepExponent) - 2.5) < 0.1 ? 1 : 0
        if largest >= 1e6 || stepExponent < -4 {
            let digits = min(15, max(1, Int(log10(largest).rounded(.down)) - stepExponent + 1 + spare))
            return (values, values.map { DecimalText.scientific($0, digits: digits) })
        }
        let places = max(0, spare - stepExponent)
        return (values, values.map { DecimalText.fixed($0, places: places) })
    }

    /// Where the ticks begin and how many steps of what size they take: of a few close to `target` ticks, those that
    /// overshoot the data least.
    private static func steps(lower: Double, upper: Double, target: Int) -> (first: Double, count: Int, step: Double) {
        let candidates = [target, target + 1, max(2, target - 1)].map { target in
            let step = roundStep((upper - lower) / Double(target - 1))
            // The allowance keeps a bound that is round, but for its last bit, from pushing out one tick more.
            let first = (lower / step + 1e-9).rounded(.down)
            return (first: first, count: max(1, Int((upper / step - 1e-9).rounded(.up) - first)), step: step)
        }
        let least = candidates.map { Double($0.count) * $0.step }.min() ?? 0
        return candidates.first { Double($0.count) * $0.step <= least * (1 + 1e-9) } ?? candidates[0]
    }

    /// The least of 1, 2, 2.5, 5 times a power of ten that is at least `step`.
    private static func roundStep(_ step: Double) -> Double {
        let unit = DecimalText.powerOfTen(Int(log10(step).rounded(.down)))
        let multiple = [1, 2, 2.5, 5].first { $0 * unit >= step * (1 - 1e-9) } ?? 10
        return multiple * unit
    }

    private static func logarithmic(lower: Double, upper: Double, target: Int) -> ([Double], [String]) {
        let decades = log10(upper) - log10(lower)
        if decades < 0.3, lower > smallest, upper < largest {
            return linear(lower: lower, upper: upper, target: target)
        }
        let lowest = Int(log10(lower).rounded(.down))
        let highest = Int(log10(upper).rounded(.up))
        if decades <= 3 {
            var values: [Double] = []
            for exponent in (lowest - 1)...(highest + 1) {
                for multiple in [1.0, 2, 5] { values.append(multiple * DecimalText.powerOfTen(exponent)) }
            }
            let first = values.lastIndex { $0 <= lower } ?? 0
            let last = values.firstIndex { $0 >= upper } ?? values.count - 1
            values = Array(values[first...max(last, first + 1)])
            return (values, values.map { label($0) })
        }
        let stride = max(1, (highest - lowest + target - 1) / target)
        let count = (highest - lowest + stride - 1) / stride
        let values = (0...count).map { DecimalText.powerOfTen(lowest + $0 * stride) }
        return (values, values.map { label($0) })
    }

    private static func label(_ value: Double) -> String {
        value >= 1 && value < 1e6 ? DecimalText.fixed(value, places: 0) : DecimalText.significant(value, digits: 1)
    }
}
