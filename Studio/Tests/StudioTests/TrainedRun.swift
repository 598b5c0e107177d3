import Compute
import Datasets
import Experiments
import Foundation
import Models
import Settings
import Training

/// A run of two steps, with weights that draw noise of some shape: trained once for all tests.
enum TrainedRun {
    static let name = "tiny"

    private static let trained = Result { try train() }

    /// A folder of runs that holds it; kept to the end of the process.
    static var runs: URL {
        get async throws {
            // Trained on a thread of its own: those of Swift's tasks serve other tests meanwhile.
            try await withCheckedThrowingContinuation { continuation in
                Thread { continuation.resume(with: trained) }.start()
            }
        }
    }

    static var configuration: RunConfiguration {
        get throws {
            try RunConfiguration().applying(
                [
                    "model.channels=4,8", "model.num_residual_layers=1", "training.steps=2", "training.batch_size=8",
                    "recording.validate_every=1", "recording.validation_images=8", "recording.picture_steps=2",
                    "recording.checkpoint_every=1",
                ].map { try Assignment(text: $0, from: "the test") })
        }
    }

    private static func train() throws -> URL {
        let runs = FileManager.default.temporaryDirectory.appendingPathComponent("studio-runs-\(UUID().uuidString)")
        let folder = RunFolder(runs.appendingPathComponent(name, isDirectory: true))
        _ = try TrainingRun(new: configuration, in: folder).train(
            with: DatasetPlaces(setUpFolder: SetUpFolder.url), on: { try DeviceRequest().engine() }, onEvent: { _ in })
        return runs
    }
}
