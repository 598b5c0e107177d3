import Foundation

/// What a classifier reads in a set of images.
public struct ClassScores: Sendable {
    /// Classes.
    public let classCount: Int
    /// count x classes, each row adding up to 1.
    public let probabilities: [Double]

    /// - Precondition: the numbers are whole rows.
    public init(_ probabilities: [Double], classCount: Int) {
        precondition(classCount > 0 && probabilities.count % classCount == 0, "the numbers must be whole rows")
        self.probabilities = probabilities
        self.classCount = classCount
    }

    /// The number of images.
    public var count: Int { probabilities.count / classCount }

    private func row(_ index: Int) -> ArraySlice<Double> {
        probabilities[index * classCount..<(index + 1) * classCount]
    }

    /// The most probable class of each image; of equal ones the first.
    public var classes: [Int] {
        (0..<count).map { index in
            let row = row(index)
            return row.indices.reduce(row.startIndex) { row[$1] > row[$0] ? $1 : $0 } - row.startIndex
        }
    }

    /// The probability of one class of each image.
    public func confidence(in labels: [Int]) -> [Double] {
        labels.enumerated().map { probabilities[$0 * classCount + $1] }
    }

    /// As many images, drawn from these with repeats.
    package func resampled(_ draws: inout Draws) -> ClassScores {
        ClassScores(
            (0..<count).flatMap { _ in row(Int.random(in: 0..<count, using: &draws)) }, classCount: classCount)
    }

    /// The mean of all rows.
    public var meanProbabilities: [Double] {
        var mean = [Double](repeating: 0, count: classCount)
        for index in 0..<count { for (label, value) in row(index).enumerated() { mean[label] += value } }
        return mean.map { $0 / Double(count) }
    }

    /// The entropy of the classes over all images, in nats; at most the logarithm of their number, where all are as
    /// frequent.
    public var classEntropy: Double { ClassScores.entropy(meanProbabilities) }

    /// exp of the mean divergence of an image's classes from those of all (Salimans et al. 2016, "Improved techniques for
    /// training GANs"): the Inception score, with this classifier in Inception's place.
    public var classEntropyScore: Double {
        let mean = meanProbabilities
        let divergences = (0..<count).reduce(0.0) { sum, index in
            sum + zip(row(index), mean).reduce(0) { $1.0 > 0 ? $0 + $1.0 * log($1.0 / $1.1) : $0 }
        }
        return exp(divergences / Double(count))
    }

    private static func entropy(_ probabilities: [Double]) -> Double {
        -probabilities.reduce(0) { $1 > 0 ? $0 + $1 * log($1) : $0 }
    }
}
