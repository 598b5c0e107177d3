/// Seeds one by one or in ranges, such as `3,5,10-19`.
public struct SeedList: Sendable, Equatable {
    private let ranges: [ClosedRange<UInt64>]
    /// How many seeds there are.
    public let count: Int

    /// One seed.
    public init(_ seed: UInt64) {
        ranges = [seed...seed]
        count = 1
    }

    /// Nil where a part is neither a seed nor an ascending range, or there are more seeds than can be counted.
    public init?(_ text: String) {
        var ranges: [ClosedRange<UInt64>] = []
        var total = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { UInt64($0) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last,
                let length = Int(exactly: last - first),
                case (let sum, false) = total.addingReportingOverflow(length), sum < Int.max
            else { return nil }
            total = sum + 1
            ranges.append(first...last)
        }
        self.ranges = ranges
        count = total
    }

    /// The seed at a place, counted from 0.
    public subscript(index: Int) -> UInt64 {
        var rest = UInt64(index)
        for range in ranges {
            let length = range.upperBound - range.lowerBound
            if rest <= length { return range.lowerBound + rest }
            rest -= length + 1
        }
        preconditionFailure("seed \(index) of \(count)")
    }
}
