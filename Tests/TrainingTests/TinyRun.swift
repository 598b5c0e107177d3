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

    /// Settings of each network.
    static let sizes: [ModelName: [String]] = [
        .unet: ["channels=4,8", "num_residual_layers=1"],
        .dit: ["hidden_dim=16", "num_heads=2", "depth=1", "patch_size=2"],
        .mamba: ["d_model=16", "d_state=4", "depth=1", "patch_size=4"],
    ]

    static func configuration(_ name: ModelName = .unet, steps: Int) throws -> RunConfiguration {
        let model = try ModelSpecification(
            name, assignments: sizes[name, default: []] + ["t_embed_dim=8", "y_embed_dim=8", "image_size=8"])
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
        _ folder: RunFolder, _ configuration: RunConfiguration, stepsPerDispatch: Int = 5, stopAfter: Int = .max,
        on engine: Engine? = nil
    ) throws -> [StepRecord] {
        try folder.save(configuration)
        let trainer = try Trainer(
            folder, training: dataset(), testing: nil, stepsPerDispatch: stepsPerDispatch, on: engine ?? Engine.shared)
        let isDone = { trainer.step >= stopAfter }
        try trainer.train(until: isDone) { _ in }
        return try MetricsLog(folder.metricsFile).records()
    }
}
