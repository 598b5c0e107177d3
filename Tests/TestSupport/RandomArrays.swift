package import StableHLO

/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers in every run.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Uniform numbers in a range.
    package mutating func numbers(_ count: Int, in range: ClosedRange<Double> = -1...1) -> [Double] {
        (0..<count).map { _ in Double.random(in: range, using: &self) }
    }

    /// An array of uniform numbers in a range, float64 unless asked otherwise.
    package mutating func array(
        _ shape: [Int], in range: ClosedRange<Double> = -1...1, _ elementType: ElementType = .float64
    ) -> HostArray {
        HostArray(numbers(shape.reduce(1, *), in: range), shape, elementType)
    }
}

/// The largest |a - b| in units of 1 + |b|; infinite for lists of different lengths and for numbers that are not.
package func worstDifference(_ a: [Double], _ b: [Double]) -> Double {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).map { x, y in
        let difference = x == y ? 0 : abs(x - y) / (1 + abs(y))
        return difference.isNaN ? .infinity : difference
    }.max() ?? 0
}
