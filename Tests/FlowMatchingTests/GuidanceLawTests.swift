import FlowMatching
import NN
import Settings
import StableHLO
import TestSupport
import Testing
import Tracing

@Suite("Guidance", .needsPlugin)
struct GuidanceLawTests {
    static let kinds = Guidances.registry.names

    private static let times = (0...1.0).grid(21)

    /// One image at each time, with one scale: the combined velocities, rows of 4.
    private func combined(
        _ guidance: any Guidance, _ conditional: HostArray, _ unconditional: HostArray, scale: Double
    ) throws -> [Double] {
        let count = GuidanceLawTests.times.count
        let column = [count, 1, 1, 1]
        let scales = HostArray([Double](repeating: scale, count: count), column, .float64)
        return try evaluate(conditional, unconditional, HostArray(GuidanceLawTests.times, column, .float64), scales) {
            [guidance.combined(conditional: $0[0], unconditional: $0[1], at: $0[2], scale: $0[3])]
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
        "Where a kind guides, a scale of 0 is the unconditional velocity; where not, the conditional", arguments: kinds)
    func zero(kind: String) throws {
        let guidance = try guidance(kind)
        let (conditional, unconditional) = velocities()
        let result = try combined(guidance, conditional, unconditional, scale: 0)
        let expected = GuidanceLawTests.times.enumerated().flatMap { index, time in
            let isGuided = guidance.guides(from: time, to: time)
            return (isGuided ? unconditional : conditional).values[(4 * index)..<(4 * index + 4)]
        }
        #expect(worstDifference(result, expected) < 1e-12)
        #expect(GuidanceLawTests.times.contains { guidance.guides(from: $0, to: $0) })
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
