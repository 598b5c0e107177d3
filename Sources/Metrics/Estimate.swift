/// A figure with how sure it is.
public struct Estimate: Sendable, Equatable {
    public let value: Double
    /// The value lies in value ± halfWidth in 95 of 100 cases.
    public let halfWidth: Double

    public init(_ value: Double, halfWidth: Double) {
        self.value = value
        self.halfWidth = halfWidth
    }

    /// Of a value with a standard error, taken as normal.
    public init(_ value: Double, standardError: Double) {
        self.init(value, halfWidth: 1.959964 * standardError)
    }

    /// Of a value with the values that resampled data gave.
    public init(_ value: Double, standardErrorOf resampled: [Double]) {
        self.init(value, standardError: Estimate.deviation(resampled))
    }

    /// The mean of independent numbers with its standard error.
    public init(meanOf numbers: [Double]) {
        let mean = numbers.reduce(0, +) / Double(numbers.count)
        self.init(mean, standardError: Estimate.deviation(numbers) / Double(numbers.count).squareRoot())
    }

    /// The standard deviation, divided by count - 1; 0 of a single number.
    public static func deviation(_ numbers: [Double]) -> Double {
        guard numbers.count > 1 else { return 0 }
        let mean = numbers.reduce(0, +) / Double(numbers.count)
        let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(numbers.count - 1)).squareRoot()
    }
}
