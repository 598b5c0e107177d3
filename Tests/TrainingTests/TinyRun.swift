import Compute
import Datasets
import Flows
import Formats
import Foundation
import Models
import Settings
import TestSupport
import Training

/// A network and a data set small enough to train in moments.
enum TinyRun {
    static let imageCount = 40

    static func dataset() throws -> ImageDataset {
        var generator = SeededGenerator(seed: 5)
        return try dataset((0..<imageCount * 64).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    /// - Parameter pixels: of images of 8 x 8
    static func dataset(_ pixels: [UInt8]) throws -> ImageDataset {
        try ImageDataset(
            name: "tiny", split: .train, width: 8, height: 8, images: pixels,
            labels: (0..<pixels.count / 64).map { Int32($0 % 10) }, classNames: (0..<10).map { "\($0)" })
    }

    /// Noise of the form that a network takes.
    static func dataset(of network: any ConditionalNetwork) throws -> ImageDataset {
        var generator = SeededGenerator(seed: 5)
        let (shape, classes) = (network.imageShape, network.classCount)
        let pixels = (0..<imageCount * shape.reduce(1, *)).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return try ImageDataset(
            name: "tiny", split: .train, channels: shape[0], width: shape[2], height: shape[1], images: pixels,
            labels: (0..<imageCount).map { Int32($0 * classes / imageCount) }, classNames: (0..<classes).map { "\($0)" }
        )
    }

    /// Settings of each network.
    static let sizes: [String: [String]] = [
        "unet": ["channels=4,8", "num_residual_layers=1"],
        "dit": ["hidden_dim=16", "num_heads=2", "depth=1", "patch_size=2"],
        "mamba": ["d_model=16", "d_state=4", "depth=1", "patch_size=4"],
    ]

    /// - Parameter settings: `key=value`, beside those that make the run small
    static func configuration(
        _ model: String = "unet", steps: Int, _ settings: [String] = []
    ) throws -> RunConfiguration {
        let sizes = sizes[model, default: []] + ["t_embed_dim=8", "y_embed_dim=8", "image_size=8"]
        let small = ["training.batch_size=8", "training.steps=\(steps)", "recording.validate_every=0"]
        let texts = ["model=\(model)"] + sizes.map { "model.\($0)" } + small + settings
        return try RunConfiguration().applying(texts.map { try Assignment(text: $0, from: "the test") })
    }

    static func folder() -> RunFolder {
        RunFolder(FileManager.default.temporaryDirectory.appendingPathComponent("flowmatch-\(UUID().uuidString)"))
    }

    static func remove(_ folders: RunFolder...) {
        for folder in folders { try? FileManager.default.removeItem(at: folder.url) }
    }

    /// Trains what is left of a run and returns its records.
    static func train(
        _ folder: RunFolder, _ configuration: RunConfiguration, stepsPerDispatch: Int = 5, stopAfter: Int = .max,
        on engine: Engine? = nil
    ) throws -> [StepRecord] {
        var configuration = configuration
        configuration.recording.stepsPerDispatch = stepsPerDispatch
        try folder.save(configuration)
        let trainer = try Trainer(
            folder, configuration, training: dataset(), testing: nil, on: engine ?? NativeEngine.shared.engine)
        let isDone = { trainer.step >= stopAfter }
        try trainer.train(until: isDone) { _ in }
        return try MetricsLog(folder.metricsFile).records()
    }

    /// The whole state of the last checkpoint, tensor by tensor.
    static func state(_ folder: RunFolder) throws -> [String: [UInt8]] {
        let file = try SafetensorsFile(contentsOf: folder.checkpoint())
        return try Dictionary(uniqueKeysWithValues: file.entries.map { ($0.name, try $0.bytes()) })
    }
}
