import Experiments
import Foundation
import Settings
import Training

/// What the list of runs says of one.
struct RunSummary: Sendable, Encodable {
    let name: String
    /// A word of ``RunState``, or "unreadable".
    let state: String
    /// Who trains it, or what is wrong.
    let note: String?
    let network: String
    let data: String
    let step: Int
    let steps: Int
    let loss: Double?
    let heldOutLoss: Double?
    /// Seconds since its records last grew.
    let age: Double?
    let hasCheckpoint: Bool

    init(_ name: String, _ folder: RunFolder) {
        self.name = name
        let attributes = try? FileManager.default.attributesOfItem(atPath: folder.metricsFile.path)
        age = (attributes?[.modificationDate] as? Date).map { max(0, -$0.timeIntervalSinceNow) }
        do {
            let configuration = try folder.file().configuration
            let state = folder.state(of: configuration)
            let (last, heldOut) = MetricsLog(folder.metricsFile).latest
            let checkpoint = folder.checkpointSteps().last
            self.state = state.word
            note = state.note
            network = configuration.model.kindTitle
            data = configuration.data.kindName
            step = max(last?.step ?? 0, checkpoint ?? 0)
            steps = configuration.training.steps
            loss = last?.loss.ifFinite
            heldOutLoss = (heldOut?.validationLossAveraged ?? heldOut?.validationLoss)?.ifFinite
            hasCheckpoint = checkpoint != nil
        } catch {
            state = "unreadable"
            note = "\(error)"
            (network, data, step, steps, loss, heldOutLoss, hasCheckpoint) = ("", "", 0, 0, nil, nil, false)
        }
    }

    var isOpen: Bool { state != "unreadable" }

    var isTraining: Bool { state == "training" }
}

extension RunState {
    /// More than the word says.
    var note: String? {
        switch self {
        case .training(let holder): "trained by \(holder)"
        case .brokenOff(let step): "it ended at step \(step) without being saved there"
        case .finished, .stopped: nil
        }
    }
}
