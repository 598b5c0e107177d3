import Foundation

/// A figure with how sure it is.
public struct Estimate: Sendable, Equatable {
    /// The figure.
    public let value: Double
    /// The value lies in value ± halfWidth in 95 of 100 cases.
    public let halfWidth: Double
    /// The ends of that range.
    public var interval: [Double] { [value - halfWidth, value + halfWidth] }

    /// - Parameters:
    ///   - value: the figure
    ///   - halfWidth: of the interval, both sides alike
    package init(_ value: Double, halfWidth: Double) {
        self.value = value
        self.halfWidth = halfWidth
    }

    /// Of a value with a standard error, taken as normal.
    package init(_ value: Double, standardError: Double) {
        self.init(value, halfWidth: 1.959964 * standardError)
    }

    /// Of a value with the values that resampled data gave.
    package init(_ value: Double, standardErrorOf resampled: [Double]) {
        self.init(value, standardError: Estimate.deviation(resampled))
    }

    /// The mean of independent numbers with its standard error.
    package init(meanOf numbers: [Double]) {
        self.init(numbers.reduce(0, +) / Double(numbers.count), standardError: Estimate.errorOfMean(numbers))
    }

    /// The mean of a few independent normal numbers, such as one a seed: its interval is Student's, wider than a normal's.
    ///
    /// - Parameter numbers: two or more
    package init(meanOfFew numbers: [Double]) {
        self.init(
            numbers.reduce(0, +) / Double(numbers.count),
            halfWidth: Estimate.studentQuantile(freedom: numbers.count - 1) * Estimate.errorOfMean(numbers))
    }

    /// The standard error of the mean of independent numbers; 0 of a single one.
    package static func errorOfMean(_ numbers: [Double]) -> Double {
        deviation(numbers) / Double(numbers.count).squareRoot()
    }

    /// Student's 97.5 % quantile: exact to three digits, above ten degrees of freedom by Cornish and Fisher's expansion
    /// (Abramowitz and Stegun 26.7.5).
    static func studentQuantile(freedom: Int) -> Double {
        let table = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281]
        if freedom <= table.count { return table[max(0, freedom - 1)] }
        let (z, n) = (1.959964, Double(freedom))
        let first = (pow(z, 3) + z) / 4
        let second = (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / 96
        return z + first / n + second / (n * n)
    }

    /// The standard deviation, divided by count - 1; 0 of a single number.
    static func deviation(_ numbers: [Double]) -> Double {
        guard numbers.count > 1 else { return 0 }
        let mean = numbers.reduce(0, +) / Double(numbers.count)
        let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(numbers.count - 1)).squareRoot()
    }
}
