import Compute
import Models
import Settings
import StableHLO
import TestSupport
import Testing
import Training

@Suite("Training with bfloat16 products", .needsPlugin)
struct PrecisionTests {
    /// A rounding to bfloat16 moves a number by at most 2^-8 of it; a loss is a mean over pixels, in which most of what
    /// the roundings do cancels.
    @Test("Losses stay near float32's, and the state is float32", arguments: Networks.registry.names)
    func bfloat16(model: String) throws {
        let exact = try TwentySteps(model, on: Engine.shared)
        let rounded = try TwentySteps(model, on: Engine.of(.bfloat16))
        for (step, (a, b)) in zip(rounded.metrics, exact.metrics).enumerated() {
            #expect(abs(a.loss - b.loss) < 0x1p-8 * b.loss, "step \(step + 1)")
        }
        #expect(rounded.metrics.map(\.loss) != exact.metrics.map(\.loss))
        #expect(rounded.state.allSatisfy { $0.elementType == .float32 || $0.elementType == .int64 })
    }

    @Test("A run is trained in its own precision alone")
    func otherEngine() throws {
        let folder = TinyRun.folder()
        defer { TinyRun.remove(folder) }
        var configuration = try TinyRun.configuration(steps: 1)
        configuration.training.precision = .bfloat16
        #expect(throws: TrainingError.otherPrecision(run: "bf16", engine: "fp32")) {
            try TinyRun.train(folder, configuration)
        }
    }
}
