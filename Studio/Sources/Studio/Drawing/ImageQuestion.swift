import Datasets
import Experiments
import Flows
import Foundation
import Models
import Settings
import Training

/// What a person asks of one image.
struct ImageQuestion: Sendable {
    let name: String
    let folder: RunFolder
    /// Bytes, row-major (channels, height, width).
    let image: [UInt8]
    /// Channels, height and width.
    let shape: [Int]
    /// The number of classes is "no label".
    let label: Int
    let checkpoint: Int?
    let averaged: Bool

    /// - Throws: ``Refusal``
    init(_ parameters: Parameters, in runs: RunsFolder) throws {
        name = try parameters.required("run")
        folder = try runs.run(name)
        let network = try folder.file().configuration.model.makeNetwork()
        shape = network.imageShape
        guard let image = try parameters.image(shape: shape) else { throw Refusal.bad("'image' is missing") }
        self.image = image
        let isNone = (parameters["label"] ?? "none") == "none" || network.classCount == 0
        label =
            isNone
            ? network.classCount
            : try parameters.integer("label", 0...max(0, network.classCount - 1), default: 0)
        checkpoint = try parameters.checkpoint(of: folder, name)
        averaged = try parameters.choice("weights", ["averaged", "raw"], default: "averaged") == "averaged"
    }
}

extension Parameters {
    /// A checkpoint that a run has; nil for the newest.
    ///
    /// - Throws: ``Refusal`` for one that it has not.
    func checkpoint(of folder: RunFolder, _ run: String, _ text: String? = nil) throws(Refusal) -> Int? {
        guard let text = text ?? self["checkpoint"], text != "newest" else { return nil }
        let step = try Parameters.integer(text, "checkpoint", 0...Int.max)
        guard folder.checkpointSteps().contains(step) else {
            throw .missing("'\(run)' has no checkpoint of step \(step)")
        }
        return step
    }
}
