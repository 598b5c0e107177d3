/// The mean of the latest values.
package struct RecentMean: Sendable {
    private let capacity: Int
    private var values: [Double] = []

    /// - Parameter count: how many values count
    package init(count: Int) { capacity = count }

    package mutating func append(_ value: Double) {
        values.append(value)
        if values.count > capacity { values.removeFirst() }
    }

    /// How many values there are, up to that.
    package var count: Int { values.count }

    /// 0 without a value.
    package var mean: Double { values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count) }
}
