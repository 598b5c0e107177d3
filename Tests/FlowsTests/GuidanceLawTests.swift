import Flows
import NN
import Settings
import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Guidance", .needsPlugin)
struct GuidanceLawTests {
    static let kinds = Guidances.registry.names

    private static let times = (0...1.0).grid(21)

    /// One image at each time, with one scale: the combined velocities, rows of 4.
    private func combined(
        _ guidance: any Guidance, _ conditional: HostArray, _ unconditional: HostArray, scale: Double
    ) throws -> [Double] {
        let scales = [Double](repeating: scale, count: GuidanceLawTests.times.count)
        return try combined(guidance, conditional, unconditional, scales: scales)
    }

    private func combined(
        _ guidance: any Guidance, _ conditional: HostArray, _ unconditional: HostArray, scales: [Double]
    ) throws -> [Double] {
        let count = GuidanceLawTests.times.count
        let column = [count, 1, 1, 1]
        let scales = HostArray(scales, column, .float64)
        return try evaluate(conditional, unconditional, HostArray(GuidanceLawTests.times, column, .float64), scales) {
            [guidance.combined(conditional: $0[0], baseline: $0[1], at: $0[2], scale: $0[3])]
        }[0]
    }

    private func velocities() -> (conditional: HostArray, unconditional: HostArray) {
        var generator = SeededGenerator(seed: 40)
        let shape = [GuidanceLawTests.times.count, 1, 2, 2]
        return (generator.array(shape), generator.array(shape))
    }

    @Test("A scale of 1 is the conditional velocity, at all times", arguments: kinds)
    func one(kind: String) throws {
        let (conditional, unconditional) = velocities()
        let result = try combined(guidance(kind), conditional, unconditional, scale: 1)
        #expect(worstDifference(result, conditional.values) < 1e-12)
    }

    @Test(
        "Where a kind guides, a scale of 0 is the baseline but for its length; where not, the conditional",
        arguments: kinds)
    func zero(kind: String) throws {
        let guidance = try guidance(kind)
        let (conditional, unconditional) = velocities()
        let result = try combined(guidance, conditional, unconditional, scale: 0)
        for (index, time) in GuidanceLawTests.times.enumerated() {
            let image = (4 * index)..<(4 * index + 4)
            let isGuided = guidance.guides(from: time, to: time)
            let expected = (isGuided ? unconditional : conditional).values[image]
            // The multiple of what is expected that is nearest to the result.
            let multiple = zip(result[image], expected).map(*).reduce(0, +) / expected.map { $0 * $0 }.reduce(0, +)
            #expect(worstDifference(Array(result[image]), expected.map { $0 * multiple }) < 1e-12)
            if !isGuided { #expect(abs(multiple - 1) < 1e-12) }
        }
        #expect(GuidanceLawTests.times.contains { guidance.guides(from: $0, to: $0) })
    }

    @Test("Where both velocities agree there is nothing to guide, at any scale", arguments: kinds, [-1.5, 0, 0.5, 3])
    func agreement(kind: String, scale: Double) throws {
        let (velocity, _) = velocities()
        let result = try combined(guidance(kind), velocity, velocity, scale: scale)
        #expect(worstDifference(result, velocity.values) < 1e-6)
    }

    @Test("Each image has its own scale, and no other's", arguments: kinds)
    func scales(kind: String) throws {
        let guidance = try guidance(kind)
        let (conditional, unconditional) = velocities()
        let scales = GuidanceLawTests.times.indices.map { Double($0 % 5) - 1.5 }
        let mixed = try combined(guidance, conditional, unconditional, scales: scales)
        for scale in Set(scales) {
            let alone = try combined(guidance, conditional, unconditional, scale: scale)
            for index in scales.indices where scales[index] == scale {
                let image = (4 * index)..<(4 * index + 4)
                #expect(worstDifference(Array(mixed[image]), Array(alone[image])) < 1e-12)
            }
        }
    }

    @Test(
        "Between the times at which it says to jump, a guided velocity of constant velocities is constant",
        arguments: kinds)
    func jumps(kind: String) throws {
        let guidance = try guidance(kind)
        let count = GuidanceLawTests.times.count
        func constant(_ row: [Double]) -> HostArray {
            HostArray((0..<count).flatMap { _ in row }, [count, 1, 2, 2], .float64)
        }
        let result = try combined(guidance, constant([1, 2, 3, 4]), constant([2, 0, -1, 1]), scale: 3)
        for (index, (first, last)) in zip(GuidanceLawTests.times, GuidanceLawTests.times.dropFirst()).enumerated()
        where !guidance.switchTimes.contains(where: { $0 > first && $0 <= last }) {
            #expect(result[(4 * index)..<(4 * index + 4)] == result[(4 * index + 4)..<(4 * index + 8)])
        }
    }

    @Test("Zero-init stands still until its time, but at a scale of 1")
    func zeroInit() throws {
        var guidance = ZeroStarGuidance()
        guidance.zeroUntil = 0.25
        let (conditional, unconditional) = velocities()
        let result = try combined(guidance, conditional, unconditional, scale: 3)
        for (index, time) in GuidanceLawTests.times.enumerated() {
            #expect(result[(4 * index)..<(4 * index + 4)].allSatisfy { $0 == 0 } == (time < 0.25))
        }
        #expect(guidance.switchTimes == [0.25])
        #expect(
            try worstDifference(combined(guidance, conditional, unconditional, scale: 1), conditional.values) < 1e-12)
    }

    @Test("A step that is said to need no guidance has the conditional velocity within", arguments: kinds)
    func needless(kind: String) throws {
        let guidance = try guidance(kind)
        let (conditional, unconditional) = velocities()
        let result = try combined(guidance, conditional, unconditional, scale: 3)
        let times = GuidanceLawTests.times
        for (first, start) in times.enumerated() {
            for (last, end) in times.enumerated().dropFirst(first) where !guidance.guides(from: start, to: end) {
                #expect(result[(4 * first)..<(4 * last + 4)] == conditional.values[(4 * first)..<(4 * last + 4)])
            }
        }
    }

    @Test("The interval's own ends: guided from its start on, not at its end; steps that touch it need guidance")
    func interval() {
        var guidance = IntervalGuidance()
        (guidance.start, guidance.end) = (0.25, 0.75)
        #expect(!guidance.guides(from: 0, to: 0.2) && !guidance.guides(from: 0.75, to: 1))
        #expect(guidance.guides(from: 0, to: 0.25) && guidance.guides(from: 0.7, to: 0.8))
        #expect(guidance.guides(from: 0, to: 1))
        guidance.start = 0.75
        #expect(throws: SettingsError.self) { try guidance.validate() }
    }

    @Test("Of a field, 1 is the conditional velocity, 0 the unconditional, others extrapolate; each image has its own")
    func field() throws {
        let network = AffineField()
        #expect(network.nullLabel == 3)
        let tree = try ParameterTree(of: network)
        let table = HostArray([10, 20, 30, 0.5], [4, 1])
        let x = HostArray([1, 2, 3, 4, 5, 6, 7, 8], [4, 1, 1, 2])
        let field = GuidedField(
            VelocityField(network, path: LinearPath(), prediction: VelocityPrediction()), ClassifierFreeGuidance())
        let results = try evaluate(table, x, HostArray([0, 1, 2, 3], [4], .int32), HostArray([1, 0, 3, 5], [4])) {
            let context = Context(tree, values: [$0[0]], mode: .evaluation)
            return [field($0[1], at: Tensor(0.25), labels: $0[2], scale: $0[3], context)]
        }
        // w = 1: 10; w = 0: 0.5; w = 3: -2 x 0.5 + 3 x 30; null label: 0.5 whatever the scale.
        let shifts = [10, 0.5, 89, 0.5]
        #expect(worstDifference(results[0], x.values.enumerated().map { $1 + 0.25 + shifts[$0 / 2] }) < 1e-6)
    }
}
