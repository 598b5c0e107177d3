import ArgumentParser
import Compute
import Datasets
import Experiments
import FlowMatching
import Foundation
import Measurements
import Settings
import Training

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say in figures how good a run's images are.",
        discussion: """
            Draws images with labels in turn and compares their features with those of the test and the training split; the \
            features are those of a classifier that was trained on the same data. Beside each figure stands its floor: that of \
            as many real images. Figures of other features, numbers of images or splits cannot be compared. The figures are \
            kept in evaluation.json of the run, pictures in its folder evaluations. Ctrl-C keeps what is drawn; the same \
            command goes on, and so does one of more images.
            """)

    @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"), completion: .directory)
    var folder: String

    @Option(help: "Images to draw; the published figures of most models are of 10,000 or 50,000.")
    var samples = 10_000

    @Option(help: "The step whose checkpoint to use; left out, the last.")
    var checkpoint: Int?

    @Option(
        parsing: .unconditionalSingleValue,
        help: "Guidance scale; repeatable. 1 is the conditional model itself. (default: the run's)")
    var guidance: [Double] = []

    @Option(knob: "solver") var solver: Assignment?
    @Option(knob: "sampling.steps") var steps: Assignment?
    @Option(knob: "sampling.seed") var seed: Assignment?

    @Flag(
        help: "Use the weights themselves, not their moving average. Short for --set sampling.averaged_weights=false.")
    var noEma = false

    @Option(
        name: .customLong("set"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A setting of solver, guidance or sampling, such as guidance=interval; repeatable.",
            valueName: "key=value"))
    var set: [String] = []

    @Option(
        help:
            "The feature network, a file of `flowmatch features train`; left out, the one that comes with this program.",
        completion: .file(extensions: ["safetensors"]))
    var features: String?

    @Option(
        help: "Also write the features of all sets, for other programs.",
        completion: .file(extensions: ["safetensors"]))
    var exportFeatures: String?

    @OptionGroup(title: "Device") var device: DeviceOptions
    @OptionGroup var precision: PrecisionOptions

    func validate() throws {
        let range = EvaluationRun.leastImages...10_000_000
        guard range.contains(samples) else {
            throw ValidationError("--samples must be from \(range.lowerBound) to \(range.upperBound).")
        }
        guard guidance.allSatisfy(\.isFinite) else { throw ValidationError("--guidance must be a number.") }
        guard exportFeatures == nil || guidance.count < 2 else {
            throw ValidationError("--export-features is a file of one guidance scale.")
        }
    }

    func run() throws {
        var flags = AssignmentTexts(assignments)
        if noEma { flags.add("sampling.averaged_weights=false", from: "--no-ema") }
        for text in set { flags.add(text, from: "--set") }
        let runFolder = RunFolder(path: folder)
        var runs: [EvaluationRun] = []
        for scale in guidance.isEmpty ? [nil] : guidance.map(Optional.some) {
            runs.append(
                try flags.resolved { changes in
                    try EvaluationRun(
                        runFolder, changes: changes, checkpoint: checkpoint, images: samples, guidance: scale,
                        features: features.map { URL(fileURLWithPath: $0) }, with: .usual,
                        on: { try device.engine(precision.precision) })
                })
        }
        for notice in runs[0].notices { Terminal.note(notice) }
        for run in runs { try evaluate(run) }
    }

    private func evaluate(_ run: EvaluationRun) throws {
        let settings = run.configuration
        let evaluations = run.evaluationsPerImage.map { ", \($0) network evaluations an image" } ?? ""
        Terminal.note(
            "\(DecimalText.grouped(run.count)) images by \(settings.solver.kindName), \(settings.sampling.steps) steps, "
                + "guidance \(DecimalText.exact(run.guidance))\(evaluations)")
        var progress = EvaluationProgress(count: run.count)
        Interruption.beginSaving()
        let evaluation = try run.evaluate(
            exportingTo: exportFeatures.map { URL(fileURLWithPath: $0) }, until: { Interruption.isRequested },
            onEvent: { progress.report($0) })
        Interruption.endSaving { Terminal.note("stopped, and what was drawn is saved; the same command goes on") }
        guard let evaluation else { return }
        for line in EvaluationTable(evaluation).lines { try Terminal.print(line) }
        for picture in evaluation.pictures {
            try Terminal.print(run.folder.url.appendingPathComponent(picture).relativePath)
        }
        try Terminal.print(run.folder.url.appendingPathComponent("evaluation.json").relativePath)
    }
}

/// What a person sees while a run is evaluated: a bar for each split that images are drawn or read of.
private struct EvaluationProgress {
    private let count: Int
    private var drawing: ProgressBar?
    private var reading: (split: String, bar: ProgressBar)?
    private var found = 0

    init(count: Int) { self.count = count }

    mutating func report(_ event: EvaluationRun.Event) {
        switch event {
        case .resumed(let images):
            Terminal.note("\(DecimalText.grouped(images)) images were drawn earlier; going on")
            found = images
        case .drawn(let images):
            if drawing == nil { drawing = ProgressBar(total: count, first: found) }
            drawing?.update(images, "images drawn")
        case .read(let images, let total, let split):
            if reading?.split != split { reading = (split, ProgressBar(total: total)) }
            reading?.bar.update(images, "images of the \(split) split read")
        case .computing(let what): Terminal.note("computing: \(what)")
        }
    }
}
