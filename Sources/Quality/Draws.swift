/// Random whole numbers, the same on every machine (SplitMix64; Steele, Lea and Flood 2014).
package struct Draws: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// - Parameter seed: the same seed draws the same
    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// `size` different numbers below `count`, in the order drawn.
    mutating func distinct(_ size: Int, below count: Int) -> [Int] {
        precondition(size <= count, "not so many different numbers")
        var numbers = Array(0..<count)
        for index in 0..<size { numbers.swapAt(index, Int.random(in: index..<count, using: &self)) }
        return Array(numbers[..<size])
    }

    /// How often each of `count` numbers is drawn in `count` draws with repeats.
    mutating func resampling(_ count: Int) -> [Double] {
        var times = [Double](repeating: 0, count: count)
        for _ in 0..<count { times[Int.random(in: 0..<count, using: &self)] += 1 }
        return times
    }
}
