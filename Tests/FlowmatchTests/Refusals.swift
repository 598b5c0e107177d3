import Foundation
import TestSupport
import Testing

extension CommandLineProgram {
    /// A tiny UNet, four images a step.
    static let tiny = [
        "--set", "model.channels=4,8", "--set", "model.num_residual_layers=1", "--batch-size", "4", "--validate-every",
        "0",
    ]

    /// Trains a new run of a tiny UNet on the images of a scratch folder.
    static func train(
        _ scratch: Scratch, _ run: String, steps: Int, _ more: [String] = []
    ) throws -> CommandLineProgram.Outcome {
        let arguments = ["--data", scratch.url.path, "--out", scratch.path(run), "--steps", "\(steps)"]
        return try self.run(["train"] + tiny + arguments + more)
    }
}

/// One sentence, the right exit code, no crash.
func expectRefusal(
    _ outcome: CommandLineProgram.Outcome, status: Int32 = 1, _ words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(!outcome.wasKilled && outcome.status == status, "\(outcome.errors)", sourceLocation: sourceLocation)
    for word in words {
        #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: sourceLocation)
    }
    for dump in ["Fatal error", "NSError", "CocoaError", "Domain="] {
        #expect(!outcome.errors.contains(dump), sourceLocation: sourceLocation)
    }
}
