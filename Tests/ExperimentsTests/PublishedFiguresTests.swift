import Datasets
import Models
import Settings
import Testing
import Training

@testable import Experiments

@Suite struct PublishedFiguresTests {
    private static func images(_ name: String, checksum: String) -> DatasetIdentity {
        DatasetIdentity(
            name: name, checksum: checksum, count: 60_000, channels: 1, side: 32, resize: "bilinear", split: "train")
    }

    private static let mnist = images("letters", checksum: MNIST.trainingChecksum)

    private func differences(
        steps: Int = 5_000, parameters: Int = 1_233_325, data: DatasetIdentity? = mnist, _ settings: String...
    ) throws -> [String] {
        let configuration = try RunConfiguration().applying(assignments(settings))
        let figures = try #require(PublishedFigures(network: "unet"))
        return figures.differences(
            of: configuration, data: data, stepsRun: steps, parameterCount: parameters)
    }

    @Test("The default run of every network is the published setting", arguments: Networks.registry.names)
    func thePublishedSetting(_ name: String) throws {
        var configuration = RunConfiguration()
        configuration.model = try #require(Networks.registry[name])
        let figures = try #require(PublishedFigures(network: configuration.model.kindTitle))
        #expect(
            figures.differences(
                of: configuration, data: PublishedFiguresTests.mnist, stepsRun: configuration.training.steps,
                parameterCount: figures.parameterCount) == []
        )
        #expect(PublishedFigures(network: "MLP") == nil)
    }

    @Test("Each difference from the published setting is named")
    func eachDifference() throws {
        #expect(try differences(steps: 300) == ["steps 300, published 5,000"])
        #expect(try differences(parameters: 5) == ["parameters 5, published 1,233,325"])
        let fashion = PublishedFiguresTests.images("MNIST", checksum: String(repeating: "ab", count: 32))
        #expect(try differences(data: fashion) == ["images of MNIST (checksum abababababab), published MNIST"])
        #expect(try differences(data: nil) == ["images that were not recorded, published MNIST"])
        #expect(try differences("training.batch_size=64") == ["training.batch_size 64, published 250"])
        #expect(try differences("optimizer.learning_rate=1e-4") == ["optimizer.learning_rate 0.0001, published 0.001"])
        #expect(try differences("training.label_dropout=0") == ["training.label_dropout 0, published 0.1"])
        #expect(try differences("schedule.warmup_steps=9") == ["schedule.warmup_steps 9, published 0"])
        #expect(try differences("schedule=cosine") == ["schedule cosine, published constant"])
        #expect(try differences("optimizer=adamw") == ["optimizer adamw, published adam"])
        #expect(try differences("training.gradient_clip=1") == ["training.gradient_clip 1, published 0"])
        #expect(
            try differences("path=cosine", "prediction=noise") == [
                "path cosine, published linear", "prediction noise, published velocity",
            ])
    }

    @Test("What leaves the losses as they are is no difference")
    func noDifference() throws {
        #expect(
            try differences(
                "training.seed=3", "training.precision=bf16", "average=none", "solver=euler", "guidance=interval",
                "recording.checkpoint_every=7", "sampling.steps=5") == [])
        // Whatever its files are called, MNIST is what has its checksum.
        #expect(try differences("data=idx", "data.folder=/letters") == [])
    }
}
