import Compute
import Flows
import Settings
import StableHLO
import Tensors
import TestSupport
import Testing

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

    @Test("Every row of the result is one of the batch's noise", arguments: kinds, [1, 2, 7])
    func rowsOfNoise(kind: String, count: Int) throws {
        var generator = SeededGenerator(seed: 21)
        let (noise, data) = (generator.array([count, 1, 2, 2]), generator.array([count, 1, 2, 2]))
        let paired = try paired(coupling(kind), noise: noise, data: data)
        #expect(paired.count == count && paired.allSatisfy(rows(noise).contains))
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
        for (noise, data) in [(different, twice), (twice, different), (different, same), (same, same), (zero, zero)] {
            let paired = try paired(coupling(kind), noise: noise, data: data)
            #expect(paired.count == 7 && paired.allSatisfy(rows(noise).contains))
        }
    }

    @Test("What pairs at all pairs nearer than chance, on average, and each noise as often", arguments: kinds)
    func nearer(kind: String) throws {
        let coupling = try coupling(kind)
        var generator = SeededGenerator(seed: 25)
        let (noise, data) = (generator.array([8, 2]), generator.array([8, 2]))
        // Many batches of the same points, by streams of their own, in one program.
        let draws = 64
        let results = try evaluate(noise, data, HostArray([2], [], .uint64)) { arguments in
            let drawn = (0..<draws).map { draw in
                coupling.paired(
                    noise: arguments[0], with: arguments[1], labels: Tensor(integer: 0, shape: [8]),
                    RandomStream(seed: arguments[2]).stream(Tensor(integer: draw)))
            }
            return [Tensor.concatenated(drawn, along: 0)]
        }[0]
        let all = (0..<8 * draws).map { Array(results[2 * $0..<2 * $0 + 2]) }
        let mean = (0..<draws).map { cost(Array(all[8 * $0..<8 * $0 + 8]), rows(data)) }.reduce(0, +) / Double(draws)
        if coupling.leastBatch > 1 { #expect(mean < cost(rows(noise), rows(data))) }
        for row in rows(noise) {
            // Of 512 draws, 64 of each; five standard deviations of a binomial at most.
            #expect(abs(all.count { $0 == row } - draws) < 38)
        }
    }

    @Test("Optimal transport keeps every noise once, within classes among their own images", arguments: [false, true])
    func permutation(withinClasses: Bool) throws {
        var generator = SeededGenerator(seed: 26)
        let (noise, data) = (generator.array([12, 3]), generator.array([12, 3]))
        var transport = OptimalTransportCoupling()
        transport.withinClasses = withinClasses
        let paired = try paired(transport, noise: noise, data: data)
        #expect(sorted(paired) == sorted(rows(noise)))
        let origins = paired.map { rows(noise).firstIndex(of: $0) ?? -1 }
        // The labels are the rows' remainders by three.
        #expect(origins.enumerated().allSatisfy { $0 % 3 == $1 % 3 } == withinClasses)
    }

    @Test("The native assignment costs what the auction's does", arguments: [2, 3, 17, 64], [false, true])
    func native(count: Int, withinClasses: Bool) throws {
        var generator = SeededGenerator(seed: UInt64(count))
        let (noise, data) = (generator.array([count, 4], .float32), generator.array([count, 4], .float32))
        var transport = OptimalTransportCoupling()
        transport.withinClasses = withinClasses
        let native = try NativeEngine.shared
        #expect(native.kernels.contains("flow.assignment"))
        let costs = try [Engine.shared, native.engine].map { engine in
            let function = try engine.function("pairs", arguments: [noise.type, data.type]) { arguments in
                [
                    transport.paired(
                        noise: arguments[0], with: arguments[1], labels: Tensor.iota([count]) % Tensor(integer: 3),
                        RandomStream(seed: Tensor(integer: 0, elementType: .uint64)))
                ]
            }
            let paired = try function([noise, data].map { try $0.array(on: engine.device) })[0].numbers()
            return cost((0..<count).map { Array(paired[4 * $0..<4 * $0 + 4]) }, rows(data))
        }
        #expect(abs(costs[0] - costs[1]) < 1e-6 * (1 + costs[0]))
    }

    @Test("A plan has uniform marginals, and one that does not converge is not a number")
    func plan() throws {
        var generator = SeededGenerator(seed: 27)
        let cost = HostArray(generator.numbers(30, in: 0...1), [6, 5], .float64)
        let results = try evaluate(cost) {
            let plan = exp(
                SinkhornPlan(cost: $0[0], regularization: 0.1, iterations: 10_000, tolerance: 1e-9).logarithms)
            return [
                plan.sum(along: [1]), plan.sum(along: [0]),
                SinkhornPlan(cost: $0[0], regularization: 0.01, iterations: 1).logarithms,
            ]
        }
        #expect(worstDifference(results[0], [Double](repeating: 1 / 6, count: 6)) < 1e-8)
        #expect(worstDifference(results[1], [Double](repeating: 1 / 5, count: 5)) < 1e-12)
        #expect(results[2].allSatisfy { $0.isNaN })
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
