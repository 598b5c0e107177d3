import Compute
import Datasets
import Experiments
import Formats
import Foundation
import Models
import Settings
import TestSupport
import Testing
import Training

/// A run that version 0.1 wrote, on the images of ``Workplace``: `train --model unet --set channels=4,8
/// --set num_residual_layers=1 --set t_embed_dim=8 --set y_embed_dim=8 --set image_size=16 --batch-size 8 --steps 20
/// --checkpoint-every 10 --validate-every 10 --warmup-steps 3 --cosine-decay --weight-decay 0.01 --gradient-clip 1`.
/// Of its checkpoints and pictures those of step 10 are here.
@Suite("A run of version 0.1", .needsPlugin)
struct OldRunTests {
    /// A copy that may be changed.
    private func copy(to workplace: Workplace) throws -> RunFolder {
        let original = try #require(Bundle.module.resourceURL).appending(path: "Goldens/run-0.1")
        try FileManager.default.copyItem(at: original, to: workplace.run().url)
        return workplace.run()
    }

    @Test("Each of its settings is translated")
    func settings() throws {
        let workplace = try Workplace()
        let file = try copy(to: workplace).file()
        #expect(file.format == 1)
        let expected = [
            "model": "unet", "model.channels": "4,8", "model.num_residual_layers": "1", "model.t_embed_dim": "8",
            "model.y_embed_dim": "8", "model.image_size": "16", "model.image_channels": "1", "model.num_classes": "10",
            "data": "mnist", "data.folder": "", "path": "linear", "prediction": "velocity", "weighting": "uniform",
            "times": "uniform", "coupling": "independent", "optimizer": "adamw", "optimizer.learning_rate": "0.001",
            "optimizer.beta1": "0.9", "optimizer.beta2": "0.999", "optimizer.epsilon": "1e-08",
            "optimizer.weight_decay": "0.01", "schedule": "cosine", "schedule.warmup_steps": "3", "schedule.steps": "0",
            "average": "exponential", "average.decay": "0.999", "training.steps": "20", "training.batch_size": "8",
            "training.seed": "0", "training.label_dropout": "0.1", "training.gradient_clip": "1",
            "training.precision": "fp32", "recording.checkpoint_every": "10", "recording.keep_checkpoints": "0",
            "recording.validate_every": "10", "recording.validation_images": "1000",
        ]
        let found = file.configuration.flattened().filter { expected[$0.key] != nil }
        #expect(Dictionary(uniqueKeysWithValues: found.map { ($0.key, $0.value.description) }) == expected)
        // What version 0.1 did not know is as it did it.
        let rest = file.configuration.flattened().filter { expected[$0.key] == nil }
        #expect(rest.allSatisfy { $0.value == RunConfiguration().value(of: $0.key) })
    }

    @Test("It goes on as version 0.1 went on, and further along the cosine of its new length")
    func resumed() throws {
        let workplace = try Workplace()
        let folder = try copy(to: workplace)
        let old = try MetricsLog(folder.metricsFile).records()
        try #require(old.map(\.step) == Array(1...20))
        let run = try TrainingRun(resuming: folder, changes: assignments(workplace.data))
        #expect(run.stepsDone == 10)
        let records = try run.records(workplace)
        #expect(Array(records.prefix(10)) == Array(old.prefix(10)))
        #expect(records.map(\.step) == Array(1...20))
        for (new, old) in zip(records, old) {
            #expect(abs(new.loss - old.loss) < 1e-4 * old.loss, "step \(old.step)")
            #expect(abs(new.gradientNorm - old.gradientNorm) < 1e-3 * old.gradientNorm, "step \(old.step)")
            #expect(abs(new.learningRate - old.learningRate) < 1e-9, "step \(old.step)")
        }
        // The folder is of this version's form now, and needs no flag at all.
        #expect(try folder.file().format == RunFile.currentFormat)
        // It did not know its images; now they are these.
        #expect(try folder.file().data?.count == 40)
        #expect(try folder.file().configuration == run.configuration)
        let longer = try TrainingRun(resuming: folder, changes: assignments(["training.steps=22"])).records(workplace)
        let rate = 1e-3 * 0.5 * (1 + cos(Double.pi * (20 - 3) / (22 - 3)))
        #expect(longer.count == 22 && abs(longer[20].learningRate - rate) < 1e-9)
    }

    @Test("Its averaged weights draw the picture that version 0.1 drew")
    func sampled() throws {
        let workplace = try Workplace()
        let folder = try copy(to: workplace)
        let expected = try PNG.decode(
            [UInt8](Data(contentsOf: folder.samplesFolder.appending(path: "step-10.png"))))
        func picture(_ settings: String...) throws -> RasterImage {
            let run = try SamplingRun(
                folder, changes: assignments(["sampling.steps=25"] + settings), on: { try NativeEngine.shared.engine })
            let grid = LabelGrid(classCount: 10, perClass: 3)
            let samples = try run.draw(SampleSelection(labels: grid.labels, columns: 3), guidance: 3)
            #expect(samples.evaluations == 50)
            return try grid.picture(of: samples.images, shape: samples.imageShape)
        }
        func worst(_ image: RasterImage) -> Int {
            guard image.pixels.count == expected.pixels.count else { return .max }
            return zip(image.pixels, expected.pixels).map { abs(Int($0) - Int($1)) }.max() ?? .max
        }
        #expect(try worst(picture()) <= 1)
        #expect(try worst(picture("sampling.averaged_weights=false")) > 1)
    }
}
