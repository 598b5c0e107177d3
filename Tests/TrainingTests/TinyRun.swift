import Compute
import Datasets
import Foundation
import Models
import TestSupport
import Training

/// A network and a data set small enough to train in moments.
enum TinyRun {
    static let imageCount = 40

    static func dataset() throws -> ImageDataset {
        var generator = SeededGenerator(seed: 5)
        let pixels = (0..<imageCount * 64).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return try ImageDataset(
            name: "tiny", split: .train, width: 8, height: 8, images: pixels,
            labels: (0..<imageCount).map { UInt8($0 % 10) }, classCount: 10)
    }

    static func configuration(steps: Int) throws -> RunConfiguration {
        let model = try ModelSpecification(
            .unet,
            assignments: ["channels=4,8", "num_residual_layers=1", "t_embed_dim=8", "y_embed_dim=8", "image_size=8"])
        var configuration = RunConfiguration(model: model)
        configuration.batchSize = 8
        configuration.steps = steps
        configuration.validateEvery = 0
        return configuration
    }

    static func folder() -> RunFolder {
        RunFolder(FileManager.default.temporaryDirectory.appendingPathComponent("flowmatch-\(UUID().uuidString)"))
    }

    static func remove(_ folders: RunFolder...) {
        for folder in folders { try? FileManager.default.removeItem(at: folder.url) }
    }

    /// Trains what is left of a run and returns its losses.
    static func train(
        _ folder: RunFolder, _ configuration: RunConfiguration, stepsPerDispatch: Int = 5, stopAfter: Int = .max
    ) throws -> [StepRecord] {
        try folder.save(configuration)
        let trainer = try Trainer(
            folder, training: dataset(), testing: nil, stepsPerDispatch: stepsPerDispatch, on: Engine.shared)
        let isDone = { trainer.step >= stopAfter }
        try trainer.train(until: isDone) { _ in }
        return try MetricsLog(folder.metricsFile).records()
    }
}
