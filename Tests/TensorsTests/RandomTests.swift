import Compute
import Foundation
import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Random streams", .needsPlugin)
struct RandomTests {
    private func draw(seed: Double = 7, _ body: (RandomStream) -> [Tensor]) throws -> [[Double]] {
        try evaluate(HostArray([seed], [], .uint64)) { body(RandomStream(seed: $0[0])) }
    }

    /// Mean of the k-th powers.
    private func moment(_ values: [Double], _ power: Double) -> Double {
        values.reduce(0) { $0 + pow($1, power) } / Double(values.count)
    }

    @Test("Uniform numbers: range, moments, equal cells")
    func uniform() throws {
        let count = 128_000
        let values = try draw { [$0.uniform([count])] }[0]
        #expect(values.allSatisfy { 0 <= $0 && $0 < 1 && ($0 * 0x1p24).rounded() == $0 * 0x1p24 })
        // Six standard deviations of each mean.
        #expect(abs(moment(values, 1) - 1 / 2) < 0.005)
        #expect(abs(moment(values, 2) - 1 / 3) < 0.005)
        #expect(abs(moment(values, 3) - 1 / 4) < 0.005)
        var cells = [Double](repeating: 0, count: 64)
        for value in values { cells[Int(value * 64)] += 1 }
        #expect(chiSquared(cells) < 140)
        // Neighbours and numbers one block apart are unrelated.
        for lag in [1, 4] {
            #expect(abs(correlation(Array(values.dropLast(lag)), Array(values.dropFirst(lag)))) < 0.017)
        }
    }

    @Test("Normal numbers: moments, symmetry, tails")
    func normal() throws {
        let results = try draw { [$0.normal([128_000]), $0.normal([1000], elementType: .float64)] }
        let values = results[0]
        #expect(abs(moment(values, 1)) < 0.017)
        #expect(abs(moment(values, 2) - 1) < 0.024)
        #expect(abs(moment(values, 3)) < 0.065)
        #expect(abs(moment(values, 4) - 3) < 0.17)
        let beyondTwo = Double(values.count { abs($0) > 2 }) / Double(values.count)
        #expect(abs(beyondTwo - 0.0455) < 0.0036)
        #expect(values.allSatisfy { $0.isFinite })
        #expect(worstDifference(Array(values.prefix(1000)), results[1]) < 1e-5)
    }

    @Test("Events happen with their probability", arguments: [0, 0.1, 0.75, 1])
    func bernoulli(probability: Double) throws {
        let values = try draw { [$0.bernoulli(probability, [64_000])] }[0]
        let deviation = (probability * (1 - probability) / 64_000).squareRoot()
        #expect(abs(moment(values, 1) - probability) <= 6 * deviation)
    }

    @Test("Integers below a bound are all there, each as often as the others", arguments: [1, 3, 7, 1 << 30])
    func integers(bound: Int) throws {
        let values = try draw { [$0.integers(below: bound, [21_000])] }[0]
        #expect(values.allSatisfy { 0 <= $0 && $0 < Double(bound) && $0 == $0.rounded() })
        guard bound <= 7 else {
            #expect(abs(moment(values, 1) / Double(bound) - 0.5) < 0.012)
            return
        }
        var cells = [Double](repeating: 0, count: bound)
        for value in values { cells[Int(value)] += 1 }
        #expect(chiSquared(cells) < 35)
    }

    @Test("A longer draw begins with a shorter one, whatever its shape; skipped blocks leave the tail")
    func prefixes() throws {
        let lengths = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 100, 1001]
        let skips = [0, 1, 3, 100]
        let results = try draw { random in
            let whole = random.bits([4096])
            let parts = lengths.map { random.bits([$0]) } + [random.bits([3, 5]), random.bits([2, 2, 2])]
            let tails = skips.map { random.skipping(blocks: Tensor(integer: $0, elementType: .uint64)).bits([50]) }
            return [whole] + parts + tails
        }
        let whole = results[0]
        for part in results[1...lengths.count + 2] { #expect(part == Array(whole.prefix(part.count))) }
        for (skip, tail) in zip(skips, results.suffix(skips.count)) {
            #expect(tail == Array(whole[(4 * skip)..<(4 * skip + 50)]))
        }
    }

    @Test("Drawing twice gives the same numbers, also in another program")
    func reproducible() throws {
        let first = try draw { [$0.bits([64]), $0.bits([64])] }
        let second = try draw { [$0.stream("other").bits([1]), $0.bits([64])] }
        #expect(first[0] == first[1])
        #expect(first[0] == second[1])
    }

    @Test("Seeds, purposes and steps give streams of their own, and a stream of a stream is another")
    func different() throws {
        func step(_ index: Int) -> Tensor { Tensor(integer: index) }
        let count = 4096
        var draws = try draw { random in
            let streams = [
                random, random.stream("noise"), random.stream("time"), random.stream(step(0)), random.stream(step(1)),
                random.stream("noise").stream(step(1)), random.stream(step(1)).stream("noise"),
                random.stream(step(1)).stream(step(0)), random.stream(step(0)).stream(step(1)),
            ]
            return streams.map { $0.uniform([count]) }
        }
        for seed in [0.0, 6, 8] { draws += try draw(seed: seed) { [$0.uniform([count])] } }
        for (index, a) in draws.enumerated() {
            for b in draws[..<index] { #expect(abs(correlation(a, b)) < 6 / Double(count).squareRoot()) }
        }
    }

    @Test("The stream of a step is the same however the step is given")
    func steps() throws {
        let results = try evaluate(HostArray([7], [], .uint64), HostArray([5], [], .int64)) { arguments in
            let random = RandomStream(seed: arguments[0])
            return [random.stream(arguments[1]).bits([8]), random.stream(Tensor(integer: 5)).bits([8])]
        }
        #expect(results[0] == results[1])
    }
}

@Suite("Different indices", .needsPlugin)
struct DistinctIndicesTests {
    /// Draws for many seeds.
    private func draws(_ count: Int, below bound: Int, seeds: Range<Int>) throws -> [[Int]] {
        let engine = try Engine.shared
        let seed = TensorType([], .uint64)
        let function = try engine.function("indices", arguments: [seed]) {
            [RandomStream(seed: $0[0]).distinctIndices(count, below: bound)]
        }
        return try seeds.map { number in
            let results = try function([HostArray([Double(number)], [], .uint64).array(on: engine.device)])
            return try results[0].values(as: Int32.self).map { Int($0) }
        }
    }

    @Test(
        "All different and in range",
        arguments: [
            (1, 1), (1, 2), (2, 2), (3, 4), (4, 4), (5, 5), (10, 17), (16, 16), (250, 60_000), (1000, 1000),
            (64, 1 << 30),
        ])
    func different(count: Int, bound: Int) throws {
        for indices in try draws(count, below: bound, seeds: 0..<20) {
            #expect(indices.count == count)
            #expect(indices.allSatisfy { (0..<bound).contains($0) })
            #expect(Set(indices).count == count)
            if count == bound { #expect(indices.sorted() == Array(0..<bound)) }
        }
    }

    @Test("Every index is about equally likely at every position", arguments: [(4, 10), (3, 3), (5, 16)])
    func equallyLikely(count: Int, bound: Int) throws {
        let all = try draws(count, below: bound, seeds: 0..<3000)
        for position in 0..<count {
            var cells = [Double](repeating: 0, count: bound)
            for indices in all { cells[indices[position]] += 1 }
            #expect(chiSquared(cells) < 50, "position \(position): \(cells)")
        }
    }

    @Test("Orders of three are about equally likely")
    func orders() throws {
        var counts: [[Int]: Double] = [:]
        for indices in try draws(3, below: 3, seeds: 0..<3000) { counts[indices, default: 0] += 1 }
        #expect(counts.count == 6)
        #expect(chiSquared(Array(counts.values)) < 30)
    }

    @Test("Different seeds draw differently, one seed the same")
    func seeds() throws {
        let all = try draws(20, below: 1000, seeds: 0..<50)
        #expect(Set(all).count == 50)
        let again = try draws(20, below: 1000, seeds: 0..<50)
        #expect(again == all)
    }
}

/// Pearson's statistic of counts that should be equal.
private func chiSquared(_ counts: [Double]) -> Double {
    let expected = counts.reduce(0, +) / Double(counts.count)
    return counts.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
}

private func correlation(_ a: [Double], _ b: [Double]) -> Double {
    let (meanA, meanB) = (a.reduce(0, +) / Double(a.count), b.reduce(0, +) / Double(b.count))
    var (product, squareA, squareB) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
        product += (x - meanA) * (y - meanB)
        squareA += (x - meanA) * (x - meanA)
        squareB += (y - meanB) * (y - meanB)
    }
    return product / (squareA * squareB).squareRoot()
}
