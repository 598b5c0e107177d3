import Compute
import Models
import StableHLO
import TestSupport
import Testing
import Training

@Suite("Training with bfloat16 products", .needsPlugin)
struct PrecisionTests {
    /// A rounding to bfloat16 moves a number by at most 2^-8 of it. The loss is a mean of many such errors' effects.
    @Test("Losses stay near float32's, and the state is float32", arguments: ModelName.allCases)
    func bfloat16(model: ModelName) throws {
        let folders = [TinyRun.folder(), TinyRun.folder()]
        defer { TinyRun.remove(folders[0], folders[1]) }
        var configuration = try TinyRun.configuration(model, steps: 20)
        let exact = try TinyRun.train(folders[0], configuration)
        configuration.precision = .bfloat16
        let rounded = try TinyRun.train(folders[1], configuration, on: Engine.of(.bfloat16))
        for (a, b) in zip(rounded, exact) {
            #expect(abs(a.loss - b.loss) < 0x1p-8 * b.loss, "step \(a.step)")
        }
        #expect(rounded.map(\.loss) != exact.map(\.loss))
        // Reading refuses an array that is not of the layout's type, float32.
        #expect(try TinyRun.train(folders[1], configuration, on: Engine.of(.bfloat16)) == rounded)
    }

    @Test("A run is trained in its own precision alone")
    func otherEngine() throws {
        let folder = TinyRun.folder()
        defer { TinyRun.remove(folder) }
        var configuration = try TinyRun.configuration(steps: 1)
        configuration.precision = .bfloat16
        #expect(throws: TrainingError.otherPrecision(run: "bf16", engine: "fp32")) {
            try TinyRun.train(folder, configuration)
        }
    }
}
