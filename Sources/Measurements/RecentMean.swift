/// The mean of the latest values.
public struct RecentMean: Sendable {
    private let capacity: Int
    private var values: [Double] = []

    /// - Parameter count: how many values count
    public init(count: Int) { capacity = count }

    public mutating func append(_ value: Double) {
        values.append(value)
        if values.count > capacity { values.removeFirst() }
    }

    /// How many values there are, up to that.
    public var count: Int { values.count }

    /// 0 without a value.
    public var mean: Double { values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count) }
}
