import Formats
import Foundation
import Models
import NN
import Settings
import TestSupport
import Testing

@testable import Training

@Suite("Checkpoints that are not whole", .needsPlugin)
struct WholeCheckpointTests {
    /// A run of four steps with a checkpoint after the second and the fourth.
    private final class Run {
        let folder = TinyRun.folder()
        let configuration: RunConfiguration
        var tree: ParameterTree { get throws { try ParameterTree(of: configuration.model.makeNetwork()) } }
        var newest: URL { folder.checkpointFile(step: 4) }

        init() throws {
            configuration = try TinyRun.configuration(steps: 4, ["recording.checkpoint_every=2"])
            _ = try TinyRun.train(folder, configuration)
        }

        deinit { TinyRun.remove(folder) }

        func weights(step: Int? = nil) throws -> SavedWeights {
            try SavedWeights(folder, configuration, tree, step: step)
        }
    }

    @Test("A checkpoint says of which step and settings it is, and is whole")
    func whole() throws {
        let run = try Run()
        let file = try SafetensorsFile(contentsOf: run.newest)
        #expect(file.isChecked && file.metadata["step"] == "4")
        #expect(try run.folder.newestWholeCheckpoint(of: run.configuration).step == 4)
        #expect(try run.weights().step == 4 && run.weights(step: 2).step == 2)
    }

    @Test("The newest is passed over, and said so, where it is cut, empty, zeroed or changed in a byte")
    func passedOver() throws {
        let run = try Run()
        let bytes = try Data(contentsOf: run.newest)
        var changed = bytes
        changed[bytes.count / 2] ^= 0x40
        for damage in [bytes.prefix(bytes.count / 2), Data(), Data(count: bytes.count), changed] {
            try damage.write(to: run.newest)
            let found = try run.folder.newestWholeCheckpoint(of: run.configuration)
            #expect(found.step == 2 && found.damaged.map(\.step) == [4])
        }
        try Data(count: bytes.count).write(to: run.newest)
        let weights = try run.weights()
        #expect(weights.step == 2 && weights.notices.count == 1)
        #expect(weights.notices.first?.hasSuffix("using that of step 2") == true)
        #expect(throws: FormatError.self) { try run.weights(step: 4) }
        try Data().write(to: run.folder.checkpointFile(step: 2))
        #expect(throws: TrainingError.self) { try run.weights() }
        let error = #expect(throws: TrainingError.self) {
            try run.folder.newestWholeCheckpoint(of: run.configuration)
        }
        #expect(error?.description.contains("no checkpoint that can be used") == true)
    }

    @Test("Another step's, another seed's and another run's file is not taken for this one's")
    func foreign() throws {
        let run = try Run()
        let other = TinyRun.folder()
        defer { TinyRun.remove(other) }
        func reason(_ settings: [String]) throws -> String? {
            let configuration = try TinyRun.configuration(steps: 4, settings + ["recording.checkpoint_every=2"])
            return try run.folder.damage(ofCheckpoint: 4, configuration)
        }
        #expect(try reason(["training.seed=9"])?.contains("training.seed 0, the run's is 9") == true)
        #expect(try reason(["path=cosine"])?.contains("path: cosine, not linear") == true)
        #expect(try reason(["recording.keep_checkpoints=3", "solver=heun"]) == nil)
        try FileManager.default.removeItem(at: run.newest)
        try FileManager.default.copyItem(at: run.folder.checkpointFile(step: 2), to: run.newest)
        #expect(try reason([])?.contains("after step 2") == true)
    }

    @Test("A checkpoint that is removed while it is looked for is no error: there is a newer one")
    func removed() throws {
        let run = try Run()
        var calls = 0
        let found = try run.folder.withCheckpoint(step: nil, of: run.configuration) { file in
            calls += 1
            if calls == 1 {
                // Whoever writes the run goes on to step 6 and keeps that alone.
                let next = run.folder.checkpointFile(step: 6)
                try SafetensorsFile.write(
                    [TensorEntry(name: "training.step", shape: [], values: [Int64(6)])], to: next)
                for step in [2, 4] { try FileManager.default.removeItem(at: run.folder.checkpointFile(step: step)) }
                throw FormatError.cannotRead(path: file.path, reason: "it is gone")
            }
            return file.path
        }
        #expect(found.step == 6 && found.damaged == [])
    }

    @Test("A state that is not finite is not written, and its array is named")
    func finite() throws {
        let folder = TinyRun.folder()
        defer { TinyRun.remove(folder) }
        let wild = try TinyRun.configuration(
            steps: 3, ["optimizer.learning_rate=1e308", "recording.checkpoint_every=1"])
        let error = #expect(throws: TrainingError.self) { _ = try TinyRun.train(folder, wild) }
        #expect(error?.description.contains("training diverged at step") == true, "\(error.map { "\($0)" } ?? "")")
        for step in folder.checkpointSteps() {
            let file = try SafetensorsFile(contentsOf: folder.checkpointFile(step: step))
            for entry in file.entries where entry.dataType == .float32 {
                #expect(try entry.floatValues().allSatisfy(\.isFinite), "\(entry.name) of step \(step)")
            }
        }
        #expect(try !MetricsLog(folder.metricsFile).records().isEmpty)
    }

    @Test(
        "Infinities and NaN are found at any place, in any type",
        arguments: [
            ([0, 0, 0x80, 0x7F], .float32), ([1, 0, 0xC0, 0xFF], .float32), ([0x80, 0x7F], .bfloat16),
            ([0, 0xFC], .float16), ([0, 0, 0, 0, 0, 0, 0xF0, 0xFF], .float64),
        ] as [([UInt8], ElementType)])
    func found(_ bytes: [UInt8], _ type: ElementType) {
        let zeros = [UInt8](repeating: 0, count: 16)
        var largest = bytes
        largest[bytes.count - 1] -= 8
        #expect(FiniteValues.areAll(zeros, type) && FiniteValues.areAll(largest + zeros, type))
        #expect(!FiniteValues.areAll(zeros + bytes, type) && !FiniteValues.areAll(bytes + zeros, type))
    }
}
