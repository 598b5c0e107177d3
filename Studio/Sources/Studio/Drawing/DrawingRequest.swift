import Datasets
import Experiments
import Flows
import Foundation
import Models
import Settings
import Training

/// What a person asks to be drawn: images of a run, in one row or in several that differ in one thing.
struct DrawingRequest: Sendable {
    let name: String
    let folder: RunFolder
    /// One for each image of a row; nil is "no label".
    let labels: [Int?]
    let seed: UInt64
    /// How many pictures a row is shown in while it forms.
    let frames: Int
    /// Whether the velocity and the ends that it points to are wanted as well.
    let looksInside: Bool
    /// What all rows begin as.
    let start: DrawingStart
    let rows: [Row]

    /// A row of images.
    struct Row: Sendable {
        /// What it has that others have not; empty where it is the only one.
        let title: String
        let guidance: Double
        let checkpoint: Int?
        let averaged: Bool
        let solver: String
        let steps: Int
        let guidanceKind: String
        let timeGrid: String

        var changes: [Assignment] {
            [
                Assignment("solver", .text(solver), from: "solver"),
                Assignment("sampling.steps", .integer(steps), from: "steps"),
                Assignment("guidance", .text(guidanceKind), from: "guidance_kind"),
                Assignment("time_grid", .text(timeGrid), from: "time_grid"),
            ]
        }
    }

    static let mostImages = 64
    static let mostSteps = 1_000
    static let mostFrames = 100
    static let mostRows = 6

    /// What rows can differ in.
    static let axes = ["guidance", "steps", "solver", "checkpoint", "weights", "guidance_kind", "time_grid"]

    /// - Throws: ``Refusal`` for what cannot be drawn.
    init(_ parameters: Parameters, in runs: RunsFolder, _ noises: KeptNoises) throws {
        let run = try parameters.required("run")
        let folder = try runs.run(run)
        (name, self.folder) = (run, folder)
        let configuration = try folder.file().configuration
        let classCount = try configuration.model.makeNetwork().classCount
        labels = try DrawingRequest.labels(parameters, classCount)
        seed = try parameters.natural("seed", default: configuration.sampling.seed)
        frames = try parameters.integer("frames", 1...DrawingRequest.mostFrames, default: 25)
        looksInside = try parameters.choice("look", ["yes", "no"], default: "no") == "yes"
        start = try DrawingStart(
            parameters, of: run, shape: configuration.model.makeNetwork().imageShape, noises)
        let axis = parameters["vary"]
        if let axis, !DrawingRequest.axes.contains(axis) {
            throw Refusal.bad("vary must be one of \(DrawingRequest.axes.joined(separator: ", ")), not '\(axis)'")
        }
        let values = (parameters["values"] ?? "").split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces)
        }.uniqued
        guard axis == nil || (1...DrawingRequest.mostRows).contains(values.count) else {
            throw Refusal.bad("there can be 1 to \(DrawingRequest.mostRows) rows; write values=1,3,5")
        }
        let available = folder.checkpointSteps()
        rows = try (axis == nil ? [""] : values).map { value in
            func text(_ name: String) -> String? { axis == name ? value : parameters[name] }
            func choice(_ name: String, _ names: [String], _ usual: String) throws -> String {
                guard let text = text(name) else { return usual }
                guard names.contains(text) else {
                    throw Refusal.bad("\(name) must be one of \(names.joined(separator: ", ")), not '\(text)'")
                }
                return text
            }
            let checkpoint = try parameters.checkpoint(of: folder, run, text("checkpoint"))
            return Row(
                title: axis.map { "\($0.replacing("_", with: " ")) \(value)" } ?? "",
                guidance: try text("guidance").map { try Parameters.number($0, "guidance", -100...100) }
                    ?? configuration.guidance.scale,
                checkpoint: checkpoint,
                averaged: try choice("weights", ["averaged", "raw"], "averaged") == "averaged",
                solver: try choice("solver", Solvers.registry.names, configuration.solver.kindName),
                steps: try text("steps").map { try Parameters.integer($0, "steps", 1...DrawingRequest.mostSteps) }
                    ?? min(configuration.sampling.steps, DrawingRequest.mostSteps),
                guidanceKind: try choice("guidance_kind", DrawingRequest.guidances, configuration.guidance.usualName),
                timeGrid: try choice("time_grid", TimeGrids.registry.names, configuration.timeGrid.kindName))
        }
        guard !available.isEmpty else {
            throw Refusal.missing("'\(run)' has no checkpoint yet: there is nothing to draw with")
        }
    }

    /// Kinds of guidance that need no other weights than the run's own.
    static var guidances: [String] {
        Guidances.registry.members.filter { $0.baseline == .unconditional }.map(\.kindName)
    }

    /// A list of labels, or one for `count` images; "none" is no label.
    private static func labels(_ parameters: Parameters, _ classCount: Int) throws -> [Int?] {
        let count = try parameters.integer("count", 1...mostImages, default: 8)
        let text = parameters["label"] ?? (classCount > 0 ? "all" : "none")
        let range = 0...max(0, classCount - 1)
        if text == "none" || classCount == 0 { return [Int?](repeating: nil, count: count) }
        if text == "all" { return (0..<count).map { $0 % classCount } }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        guard (1...mostImages).contains(parts.count) else {
            throw Refusal.bad("there can be 1 to \(mostImages) labels, such as 3,1,4")
        }
        let labels = try parts.map { try $0 == "none" ? nil : Parameters.integer($0, "label", range) }
        return labels.count == 1 ? [Int?](repeating: labels[0], count: count) : labels
    }

    /// The labels as a network has them.
    func numbers(classCount: Int) -> [Int] { labels.map { $0 ?? classCount } }

    /// The command that draws a row, as a shell takes it.
    ///
    /// - Parameter step: of the checkpoint that drew
    func command(_ row: Row, classCount: Int, step: Int, format: String = "png") -> String {
        var words = ["flowmatch", "sample", folder.url.path, "--checkpoint", "\(step)"]
        if !row.averaged { words.append("--no-ema") }
        words += ["--labels", numbers(classCount: classCount).map(String.init).joined(separator: ",")]
        words += ["--guidance", DrawingRequest.text(row.guidance), "--solver", row.solver]
        words += ["--steps", "\(row.steps)", "--seed", "\(seed)"]
        words += ["--set", "guidance=\(row.guidanceKind)", "--set", "time_grid=\(row.timeGrid)"]
        words += ["--format", format, "--out", "drawn.\(format)"]
        return words.map(DrawingRequest.quoted).joined(separator: " ")
    }

    private static func text(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? "\(number)"
    }

    /// As a shell takes it.
    static func quoted(_ word: String) -> String {
        let plain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./=,:+@".contains($0)) }
        return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}

extension Guidance {
    /// Its name where it needs no other weights, else that of the guidance that does not.
    fileprivate var usualName: String {
        baseline == .unconditional ? kindName : ClassifierFreeGuidance.name
    }
}
