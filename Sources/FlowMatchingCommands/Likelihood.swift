import ArgumentParser
import Compute
import Datasets
import Experiments
import Flows
import Formats
import Foundation
import Measurements
import Quality
import Settings
import Training

struct Likelihood: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "How likely a run finds the images of its test split, in bits per dimension.",
        discussion: """
            Each image is followed to its noise, and the divergence of the velocity is added up on the way. What is \
            evaluated are images of bytes at the network's size, so that MNIST's are resized to 32 x 32 first, made points \
            of a density by uniform noise of one byte's width: the bits are a bound from above, and comparable with those of \
            models of the same size alone. What stands behind +- holds in 95 of 100 cases. No guidance takes part. Ctrl-C keeps what is done; the same command goes on.
            """)

    @OptionGroup var trained: RunOptions

    @Option(knob: "likelihood.images") var images: Assignment?
    @Option(knob: "divergence") var divergence: Assignment?
    @Option(knob: "divergence.probes") var probes: Assignment?

    @Option(
        parsing: .unconditional,
        help: "The solver. (default: dormand-prince)")
    var solver: String?

    @Option(knob: "sampling.steps") var steps: Assignment?
    @Option(knob: "likelihood.seed") var seed: Assignment?

    @Flag(
        help: "The likelihood of images without regard to their labels. Short for --set likelihood.conditional=false.")
    var unconditional = false

    @OptionGroup var field: FieldOptions

    @Option(
        help:
            "The list, one image a line, which the command goes on with if it is there. (default: likelihood.csv in the run)",
        completion: .file(extensions: ["csv"]))
    var out: String?

    @Option(
        help: "Also write the bits per dimension of each image as an array (images).",
        completion: .file(extensions: ["npy"]))
    var npy: String?

    @Option(
        help: "Also write points, random vectors and log-densities of the first images, to check another program.",
        completion: .file(extensions: ["safetensors"]))
    var state: String?

    @OptionGroup(title: "Device") var device: DeviceOptions
    @OptionGroup var precision: PrecisionOptions

    func run() throws {
        var given = assignments
        if let solver { given.append(Assignment("solver", .typed(solver), from: "--solver")) }
        if unconditional { given.append(Assignment("likelihood.conditional", .flag(false), from: "--unconditional")) }
        let flags = field.texts(given)
        let runFolder = trained.folder
        let list = out.map { URL(fileURLWithPath: $0) } ?? runFolder.url.appendingPathComponent("likelihood.csv")
        let run = try flags.resolved { changes in
            try LikelihoodRun(
                runFolder, changes: changes, checkpoint: trained.checkpoint, list: { _ in list },
                with: .usual, on: { try device.engine(precision.precision) })
        }
        Interruption.beginSaving()
        var progress: ProgressBar?
        let isInterrupted = { Interruption.isRequested }
        let summary = try run.evaluate(
            state: state.map { URL(fileURLWithPath: $0) }, until: isInterrupted
        ) { event in
            switch event {
            case .resumed(let count): Terminal.note("\(list.relativePath) has \(count) images; going on")
            case .progress(let images, let time):
                if progress == nil { progress = ProgressBar(total: run.count, first: images) }
                progress?.update(images, String(format: "images, the next at time %.2f", time))
            }
        }
        Interruption.endSaving {
            Terminal.note("stopped after \(summary.images) of \(summary.wanted) images; the same command goes on")
        }
        if let npy { try run.writeArray(to: URL(fileURLWithPath: npy)) }
        try report(summary, run, list)
    }

    private func report(_ summary: LikelihoodRun.Summary, _ run: LikelihoodRun, _ list: URL) throws {
        func text(_ mean: Estimate, _ format: String) -> String {
            String(format: format, mean.value)
                + (summary.images > 1 ? " +- " + String(format: format, mean.halfWidth) : "")
        }
        let condition = run.configuration.likelihood.conditional ? "given their labels" : "without their labels"
        try Terminal.print(
            "\(text(summary.bitsPerDimension, "%.4f")) bits/dim, \(DecimalText.grouped(summary.images)) images of "
                + "\(summary.dimensions) dimensions \(condition)")
        try Terminal.print(
            "log-density of points in [-1, 1]: \(text(summary.logDensity, "%.2f")) nats; a byte's width, log(2/255) = "
                + String(format: "%.4f", UniformDequantization.logScale) + " nats a dimension, is apart")
        if let error = summary.probeError {
            try Terminal.print(String(format: "of which the random vectors' error: %.2f nats an image", error))
        }
        if let dimensions = summary.originalDimensions, dimensions != summary.dimensions {
            let bits = summary.bitsPerDimension.value * Double(summary.dimensions) / Double(dimensions)
            try Terminal.print(
                "these are the images resized from \(summary.originalSize): all bits are "
                    + String(format: "%.4f", bits) + " for each original pixel")
        }
        if let evaluations = summary.evaluations, summary.imagesNow > 0 {
            try Terminal.print(
                "\(list.relativePath)  (\(evaluations) network evaluations an image, "
                    + String(format: "%.2f s an image)", summary.seconds / Double(summary.imagesNow)))
        } else {
            try Terminal.print(list.relativePath)
        }
    }
}
