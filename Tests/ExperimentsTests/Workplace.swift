import Compute
import Datasets
import Experiments
import Formats
import Foundation
import Settings
import TestSupport
import Training

/// A folder of its own for one test, with 40 tiny images as IDX files in it.
final class Workplace {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("flowmatch-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        let count = 40
        for prefix in ["train", "t10k"] {
            let pixels = (0..<count * 784).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try IDXFile(shape: [count, 28, 28], values: pixels).write(
                to: url.appendingPathComponent("\(prefix)-images-idx3-ubyte"))
            try IDXFile(shape: [count], values: (0..<count).map { UInt8($0 % 10) })
                .write(to: url.appendingPathComponent("\(prefix)-labels-idx1-ubyte"))
        }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func run(_ name: String = "run") -> RunFolder { RunFolder(url.appendingPathComponent(name)) }

    /// Nothing is anywhere but what a test names.
    var places: DatasetPlaces { DatasetPlaces(environment: [:], setUpFolder: url.appendingPathComponent("none")) }

    /// The images of this folder.
    var data: [String] { ["data=idx", "data.folder=\(url.path)"] }

    /// A run of a tiny DiT on the images of this folder.
    func configuration(_ settings: String...) throws -> RunConfiguration {
        let sizes = ["hidden_dim=16", "num_heads=2", "depth=1", "patch_size=2", "image_size=8"]
        let embeddings = ["t_embed_dim=8", "y_embed_dim=8"]
        let small = ["training.batch_size=8", "recording.validate_every=0", "recording.picture_steps=1"]
        return try RunConfiguration().applying(
            assignments(["model=dit"] + (sizes + embeddings).map { "model.\($0)" } + small + data + settings))
    }

    /// A run that has a checkpoint's file of some step, which holds the step alone.
    func begun(_ configuration: RunConfiguration, steps: Int, _ name: String = "run") throws -> RunFolder {
        let folder = run(name)
        try folder.save(configuration)
        try SafetensorsFile.write(
            [TensorEntry(name: "training.step", shape: [], values: [Int64(steps)])],
            to: folder.checkpointFile(step: steps))
        return folder
    }
}

/// Texts `key=value` as assignments.
func assignments(_ texts: [String]) throws -> [Assignment] {
    try texts.map { try Assignment(text: $0, from: "the test") }
}

extension RunConfiguration {
    /// Every setting, as somebody could give it.
    var assignments: [Assignment] { flattened().map { Assignment($0.key, $0.value, from: "the test") } }
}

extension TrainingRun {
    /// Trains what is left of a run on the shared engine and returns its records.
    func records(_ workplace: Workplace) throws -> [StepRecord] {
        _ = try train(with: workplace.places, on: { try NativeEngine.shared.engine }, onEvent: { _ in })
        return try MetricsLog(folder.metricsFile).records()
    }
}
