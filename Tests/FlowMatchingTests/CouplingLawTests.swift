import FlowMatching
import Settings
import StableHLO
import TestSupport
import Testing
import Tracing

@Suite("Couplings", .needsPlugin)
struct CouplingLawTests {
    static let kinds = Couplings.registry.names

    /// The noise as a coupling arranges it, in rows.
    private func paired(
        _ coupling: any Coupling, noise: HostArray, data: HostArray, labels: [Int]? = nil
    ) throws -> [[Double]] {
        let (count, width) = (noise.shape[0], noise.shape[1...].reduce(1, *))
        let labels = HostArray((labels ?? Array(0..<count).map { $0 % 3 }).map(Double.init), [count], .int32)
        let results = try evaluate(noise, data, labels, HostArray([2], [], .uint64)) {
            [coupling.paired(noise: $0[0], with: $0[1], labels: $0[2], RandomStream(seed: $0[3]))]
        }[0]
        return (0..<count).map { Array(results[($0 * width)..<(($0 + 1) * width)]) }
    }

    private func rows(_ array: HostArray) -> [[Double]] {
        let width = array.shape[1...].reduce(1, *)
        return (0..<array.shape[0]).map { Array(array.values[($0 * width)..<(($0 + 1) * width)]) }
    }

    private func sorted(_ rows: [[Double]]) -> [[Double]] { rows.sorted { $0.lexicographicallyPrecedes($1) } }

    @Test("The result is the batch's noise in some order", arguments: kinds, [1, 2, 7])
    func permutation(kind: String, count: Int) throws {
        var generator = SeededGenerator(seed: 21)
        let (noise, data) = (generator.array([count, 1, 2, 2]), generator.array([count, 1, 2, 2]))
        let paired = try paired(coupling(kind), noise: noise, data: data)
        #expect(sorted(paired) == sorted(rows(noise)))
    }

    @Test("So it is where rows are twice there, or all the same", arguments: kinds)
    func duplicates(kind: String) throws {
        var generator = SeededGenerator(seed: 22)
        let row = generator.numbers(3)
        let different = generator.array([7, 3])
        let twice = HostArray(
            Array(different.values[..<9] + different.values[..<9] + different.values[..<3]), [7, 3], .float64)
        let same = HostArray((0..<7).flatMap { _ in row }, [7, 3], .float64)
        let zero = HostArray([Double](repeating: 0, count: 21), [7, 3], .float64)
        for (noise, data) in [
            (different, twice), (twice, different), (twice, twice), (different, same), (same, same), (different, zero),
        ] {
            #expect(try sorted(paired(coupling(kind), noise: noise, data: data)) == sorted(rows(noise)))
        }
    }

    @Test("Independent noise keeps its order")
    func independent() throws {
        var generator = SeededGenerator(seed: 23)
        let (noise, data) = (generator.array([7, 4]), generator.array([7, 4]))
        #expect(try paired(IndependentCoupling(), noise: noise, data: data) == rows(noise))
    }

    @Test("Optimal transport has the least cost of all orders, whatever the labels", arguments: 1...6)
    func optimal(count: Int) throws {
        var generator = SeededGenerator(seed: UInt64(30 + count))
        for _ in 0..<3 {
            let (noise, data) = (generator.array([count, 2]), generator.array([count, 2]))
            let least =
                permutations(Array(0..<count)).map { order in
                    cost(order.map { rows(noise)[$0] }, rows(data))
                }.min() ?? 0
            let paired = try paired(OptimalTransportCoupling(), noise: noise, data: data)
            #expect(abs(cost(paired, rows(data)) - least) < 1e-6 * (1 + least))
        }
    }

    @Test("Optimal transport finds the data again where the noise is the data in another order")
    func found() throws {
        var generator = SeededGenerator(seed: 24)
        let data = generator.array([64, 8], .float32)
        let order = Array(0..<64).shuffled(using: &generator)
        let noise = HostArray(order.flatMap { rows(data)[$0] }, [64, 8])
        let paired = try paired(OptimalTransportCoupling(), noise: noise, data: data)
        #expect(worstDifference(paired.flatMap { $0 }, data.values) < 1e-6)
    }

    private func permutations(_ items: [Int]) -> [[Int]] {
        guard items.count > 1 else { return [items] }
        return items.indices.flatMap { index in
            var rest = items
            let first = rest.remove(at: index)
            return permutations(rest).map { [first] + $0 }
        }
    }
}

/// The sum of squared distances between rows that stand side by side.
func cost(_ a: [[Double]], _ b: [[Double]]) -> Double {
    var sum = 0.0
    for (x, y) in zip(a.joined(), b.joined()) { sum += (x - y) * (x - y) }
    return sum
}
