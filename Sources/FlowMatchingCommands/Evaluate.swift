import ArgumentParser
import Basis
import Compute
import Datasets
import Experiments
import Flows
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

    @OptionGroup var trained: RunOptions

    @Option(help: "Images to draw; the published figures of most models are of 10,000 or 50,000.")
    var samples = 10_000

    @Option(
        parsing: .unconditionalSingleValue,
        help: "Guidance scale; repeatable. 1 is the conditional model itself. (default: the run's)")
    var guidance: [Double] = []

    @Option(knob: "solver") var solver: Assignment?
    @Option(knob: "sampling.steps") var steps: Assignment?
    @Option(knob: "sampling.seed") var seed: Assignment?

    @OptionGroup var field: FieldOptions

    @Option(
        help:
            "Also compute the bits per dimension of so many test images, as `flowmatch likelihood` does; a hundred take as long as drawing thousands."
    )
    var likelihoodImages: Int?

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
        guard likelihoodImages.map({ $0 > 0 }) ?? true else {
            throw ValidationError("--likelihood-images must be at least 1.")
        }
        guard guidance.allSatisfy(\.isFinite) else { throw ValidationError("--guidance must be a number.") }
        guard exportFeatures == nil || guidance.count < 2 else {
            throw ValidationError("--export-features is a file of one guidance scale.")
        }
    }

    func run() throws {
        let flags = field.texts(assignments)
        let run = try flags.resolved { changes in
            try EvaluationRun(
                trained.folder, changes: changes, checkpoint: trained.checkpoint, images: samples,
                likelihoodImages: likelihoodImages, features: features.map { URL(fileURLWithPath: $0) }, with: .usual,
                on: { try device.engine(precision.precision) })
        }
        for notice in run.notices { Terminal.note(notice) }
        for scale in guidance.isEmpty ? [run.guidance] : guidance.uniqued { try evaluate(run.guided(by: scale)) }
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
    private var followed: ProgressBar?
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
        case .likelihood(let images, let total):
            if followed == nil { followed = ProgressBar(total: total, first: images) }
            followed?.update(images, "real images followed to their noise")
        case .computing(let what): Terminal.note("computing: \(what)")
        }
    }
}
