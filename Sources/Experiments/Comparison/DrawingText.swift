import Measurements
import Training

/// What images were drawn with, in a few words.
struct DrawingText {
    let text: String

    private static let order = ["images", "solver", "sampling.steps", "guidance.scale", "guidance", "time_grid"]

    init(_ settings: [String: String]) {
        func rank(_ key: String) -> Int { DrawingText.order.firstIndex(of: key) ?? DrawingText.order.count }
        text = settings.sorted { (rank($0.key), $0.key) < (rank($1.key), $1.key) }.map { key, value in
            switch key {
            case "images": "\(Int(value).map(DecimalText.grouped) ?? value) images"
            case "sampling.steps": "\(value) steps"
            case "guidance.scale": "guidance \(Double(value).map(DecimalText.exact) ?? value)"
            case "solver", "guidance", "features", "checkpoint": value
            case "time_grid": "\(value) times"
            default: "\(key.split(separator: ".").last.map { String($0).replacing("_", with: " ") } ?? key) \(value)"
            }
        }.joined(separator: ", ")
    }
}

extension Evaluation {
    /// What its images were drawn with, but for the checkpoint.
    var drawing: [String: String] { settings.filter { $0.key != "checkpoint" } }

    /// Runs of several lengths are held against each other at their ends.
    func checkpointText(of run: MeasuredRun) -> String {
        let step = settings["checkpoint"] ?? ""
        return run.records.last.map { "\($0.step)" } == step ? "the last checkpoint" : "the checkpoint of step \(step)"
    }
}

extension Figure.Basis {
    var text: String {
        let reference = reference.map { " against \(DecimalText.grouped(referenceImages ?? 0)) of \($0)" } ?? ""
        return "\(DecimalText.grouped(images)) images\(reference), features of \(features) "
            + "(checksum \(featuresChecksum.prefix(12))), data \(dataChecksum.prefix(8)), resize \(resize)"
            + (constants.map { ", \($0)" } ?? "")
    }
}
