import Flows
import Sampling
import Settings
import Tensors
import TestSupport
import Testing

@Suite("What an image costs", .needsPlugin)
struct EvaluationCountTests {
    private static let steps = 10

    /// Solvers whose steps are those of the grid.
    private static let fixed = Solvers.registry.members.filter { $0.tolerance == nil }.map { type(of: $0).name }

    private func drawn(_ scale: Double, _ guidance: any Guidance, _ solver: any Solver) throws -> Trajectory {
        try TinySampler().sample(
            SamplingRequest(labels: [3, 7], guidance: scale), guidance, solver, steps: EvaluationCountTests.steps)
    }

    @Test("A guided step costs two evaluations a stage, one at scale 1 half of it", arguments: fixed)
    func classifierFree(_ name: String) throws {
        let solver = try #require(Solvers.registry[name])
        let whole = EvaluationCountTests.steps * solver.evaluationsPerStep
        #expect(try drawn(1, ClassifierFreeGuidance(), solver).evaluations == whole)
        #expect(try drawn(3, ClassifierFreeGuidance(), solver).evaluations == 2 * whole)
    }

    @Test("Steps outside guidance's interval cost half", arguments: fixed)
    func interval(_ name: String) throws {
        let solver = try #require(Solvers.registry[name])
        // Of ten steps, those from 0.1 to 0.8 touch the interval from 0.2 on and below 0.8.
        let guided = try drawn(3, IntervalGuidance(), solver)
        #expect(guided.evaluations == (10 + 7) * solver.evaluationsPerStep)
        #expect(try drawn(1, IntervalGuidance(), solver).evaluations == 10 * solver.evaluationsPerStep)
        // What is left out changes nothing.
        let everywhere = try drawn(3, Everywhere(), solver)
        #expect(everywhere.evaluations == 20 * solver.evaluationsPerStep)
        #expect(worst(guided.images, everywhere.images) < 1e-5)
        #expect(try worst(guided.images, drawn(3, ClassifierFreeGuidance(), solver).images) > 1e-3)
    }

    @Test("Steps of adaptive length reach what many short ones do, and cost half outside guidance's interval")
    func adaptive() throws {
        let solver = try #require(Solvers.registry.members.first { $0.tolerance != nil })
        let exact = try TinySampler().sample(
            SamplingRequest(labels: [3, 7], guidance: 3), IntervalGuidance(), ClassicalRungeKutta(), steps: 40)
        let guided = try drawn(3, IntervalGuidance(), solver)
        #expect(worst(guided.images, exact.images) < 2e-2)
        #expect(guided.evaluations < 40 * 4)
        // The interval and what is beside it are begun with two evaluations each, and a guided one counts twice.
        #expect(guided.evaluations % 2 == 0 && guided.evaluations >= 2 * (8 + 16 + 8) / 2)
    }

    @Test("Without labels there is nothing to guide by: any scale costs what 1 costs, and gives its images")
    func unlabelled() throws {
        func drawn(_ scale: Double) throws -> Trajectory {
            try TinySampler(channels: 3, classes: 0).sample(SamplingRequest(labels: [0, 0], guidance: scale))
        }
        let (plain, scaled) = (try drawn(1), try drawn(4))
        #expect(plain.evaluations == 3 && scaled.evaluations == 3)
        #expect(plain.images == scaled.images && plain.images.count == 2 * 3 * 64)
        #expect(throws: SamplingError.labelOutOfRange(1, nullLabel: 0)) {
            try TinySampler(classes: 0).sample(SamplingRequest(labels: [1], guidance: 1))
        }
    }

    @Test("The cheap image at scale 1 is the guided program's", arguments: Guidances.registry.names)
    func scaleOne(_ name: String) throws {
        let guidance = try #require(Guidances.registry[name])
        let cheap = try drawn(1, guidance, Euler()).images
        // One image of another scale makes the guided program draw both.
        let request = SamplingRequest(labels: [3, 7], guidance: [1, 3])
        let both = try TinySampler().sample(request, guidance, Euler(), steps: EvaluationCountTests.steps)
        #expect(both.evaluations > EvaluationCountTests.steps)
        #expect(worst(cheap.prefix(64), both.images.prefix(64)) < 1e-5)
        #expect(worst(cheap.suffix(64), both.images.suffix(64)) > 1e-3)
    }
}

/// Guidance of an interval that does not say where it can be left out.
private struct Everywhere: Guidance {
    static let name = "everywhere"
    static let summary = "For this test."

    var interval = IntervalGuidance()

    var scale: Double {
        get { interval.scale }
        set { interval.scale = newValue }
    }

    func combined(conditional: Tensor, baseline: Tensor, at time: Tensor, scale: Tensor) -> Tensor {
        interval.combined(conditional: conditional, baseline: baseline, at: time, scale: scale)
    }
}
