import Compute
import Foundation
import Quality
import TestSupport
import Testing

@Suite("What holds of every figure", .needsPlugin)
struct LawTests {
    /// Rows of independent normal numbers, the first moved by `shift`, the second scaled.
    private static func normal(
        _ count: Int, dimensions: Int = 6, shift: Double = 0, scale: Double = 1, seed: UInt64
    ) -> FeatureSet {
        var draws = Draws(seed: seed)
        let values = (0..<count * dimensions).map { index in
            let (u, v) = (Double.random(in: .ulpOfOne..<1, using: &draws), Double.random(in: 0..<1, using: &draws))
            let number = (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
            return switch index % dimensions {
            case 0: number + shift
            case 1: number * scale
            default: number
            }
        }
        return FeatureSet(values, dimensions: dimensions)
    }

    @Test func nothingIsFartherThanNothingFromItself() throws {
        let set = Self.normal(300, seed: 1)
        #expect(FrechetDistance.between(Moments(set), and: Moments(set)) < 1e-9)
        let coverage = try Coverage(real: set, generated: set, on: .shared)
        #expect(coverage.precision.value == 1 && coverage.recall.value == 1 && coverage.coverage.value == 1)
    }

    @Test func theDistanceOfNormalDistributionsIsClosed() {
        // Moments made exact: |shift|^2 + (1 - scale)^2 in one dimension each, whatever the others are.
        let size = 3
        func moments(_ mean: [Double], _ deviations: [Double]) -> (FeatureSet, [Double]) {
            // Rows mean ± deviation in each dimension have these moments times 2 size / (2 size - 1).
            var rows: [Double] = []
            for axis in 0..<size {
                for sign in [-1.0, 1] {
                    var row = mean
                    row[axis] += sign * deviations[axis] * Double(size).squareRoot()
                    rows += row
                }
            }
            return (FeatureSet(rows, dimensions: size), deviations)
        }
        let factor = (Double(2 * size) / Double(2 * size - 1)).squareRoot()
        let (a, _) = moments([0, 0, 0], [1, 2, 0])
        let (b, _) = moments([3, 0, 4], [1, 5, 1e-9])
        let expected = 9.0 + 16 + factor * factor * (9 + 1e-18)
        #expect(abs(FrechetDistance.between(Moments(a), and: Moments(b)) - expected) < 1e-6 * expected)
    }

    @Test func aWeightOfTwoIsARowTwice() {
        let set = Self.normal(20, seed: 3)
        var weights = [Double](repeating: 1, count: 20)
        weights[4] = 2
        weights[7] = 0
        let twice = set.rows(at: Array(0..<20).filter { $0 != 7 } + [4])
        let (a, b) = (Moments(set, weights: weights), Moments(twice))
        #expect(zip(a.mean + a.covariance, b.mean + b.covariance).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    @Test func fartherIsFarther() throws {
        let real = Self.normal(400, seed: 1)
        let sets = [0.0, 0.5, 1, 2].map { Self.normal(400, shift: $0, scale: 1 + $0, seed: 2) }
        let kernel = try KernelDistance(subsetsOf: 100, dimensions: 6, on: .shared)
        let frechet = sets.map { FrechetDistance.between(Moments($0), and: Moments(real)) }
        let distances = try sets.map { set in
            try kernel.distances(between: set, and: real, subsets: 20, seed: 5).reduce(0, +) / 20
        }
        let precision = try sets.map { try Coverage(real: real, generated: $0, on: .shared).precision.value }
        #expect(frechet == frechet.sorted() && distances == distances.sorted())
        #expect(precision == precision.sorted(by: >) && precision[0] > precision[3])
    }

    @Test func theKernelDistanceOfEqualDistributionsIsZeroOnTheAverage() throws {
        let kernel = try KernelDistance(subsetsOf: 100, dimensions: 6, on: .shared)
        let (a, b) = (Self.normal(1000, seed: 11), Self.normal(1000, seed: 12))
        let estimate = kernel.estimate(try kernel.distances(between: a, and: b, subsets: 40, seed: 1), count: 1000)
        #expect(abs(estimate.value) < 2 * estimate.halfWidth && estimate.halfWidth > 0)
    }

    @Test func theIntervalHoldsWhatOtherDrawsGive() {
        let reference = FrechetDistance.Reference(Moments(Self.normal(2000, dimensions: 3, seed: 1)))
        let estimates = (2..<22).map { seed in
            FrechetDistance.estimate(
                Self.normal(200, dimensions: 3, shift: 0.5, seed: seed), against: reference, resamplings: 25, seed: seed
            )
        }
        let mean = estimates.reduce(0) { $0 + $1.value } / Double(estimates.count)
        let inside = estimates.count { abs($0.value - mean) <= $0.halfWidth }
        #expect(inside >= 17, "95 of 100 should hold the mean, \(inside) of 20 do")
    }

    @Test func neighboursAreTheSameInAnyBlocks() throws {
        let (set, queries) = (Self.normal(70, seed: 1), Self.normal(33, seed: 2))
        let whole = try Neighbours(on: .shared, mostDistances: 7000).nearest(4, to: queries, in: set)
        let parts = try Neighbours(on: .shared, mostDistances: 7 * 70).nearest(4, to: queries, in: set)
        #expect(whole.map(\.indices) == parts.map(\.indices))
        for (row, neighbour) in whole.enumerated() {
            let squares = (0..<70).map { other in
                zip(queries[row], set[other]).reduce(0.0) { sum, pair in
                    sum + (pair.0 - pair.1) * (pair.0 - pair.1)
                }
            }
            let order = squares.indices.sorted { squares[$0] < squares[$1] }
            #expect(neighbour.indices == Array(order.prefix(4)))
            #expect(zip(neighbour.squares, order).allSatisfy { abs($0 - squares[$1]) < 1e-10 })
        }
    }

    @Test func classesAreRead() {
        let scores = ClassScores([0.7, 0.2, 0.1, 0.1, 0.1, 0.8, 0.5, 0.5, 0], classCount: 3)
        #expect(scores.classes == [0, 2, 0])
        #expect(scores.confidence(in: [1, 2, 0]) == [0.2, 0.8, 0.5])
        let even = ClassScores([1, 0, 0, 1], classCount: 2)
        #expect(abs(even.classEntropy - log(2)) < 1e-12 && abs(even.classEntropyScore - 2) < 1e-12)
        let constant = ClassScores([0.3, 0.7, 0.3, 0.7], classCount: 2)
        #expect(abs(constant.classEntropyScore - 1) < 1e-12)
    }
}
