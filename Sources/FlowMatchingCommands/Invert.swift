import ArgumentParser
import Compute
import Datasets
import Experiments
import Formats
import Foundation
import Settings
import Training

struct Invert: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Follow test images to the noise that a run would make them of, and back.",
        discussion: """
            Says how far what comes back is from the images, and whether the noise is such as images are drawn from, and \
            writes a picture with a row for each of the first images: the image, its noise, the image that came back.
            """)

    @OptionGroup var trained: RunOptions

    @Option(help: "Images of the test split, from its start.")
    var count = 64

    @Option(
        parsing: .unconditional,
        help: "Guidance scale, there and back; other than 1, the way back is steep and hard to find.")
    var guidance = 1.0

    @Option(parsing: .unconditional, help: "The solver. (default: dormand-prince)")
    var solver: String?

    @Option(knob: "sampling.steps") var steps: Assignment?

    @OptionGroup var field: FieldOptions

    @Option(help: "The picture.", completion: .file(extensions: ["png"]))
    var out = "inversion.png"

    @OptionGroup(title: "Device") var device: DeviceOptions
    @OptionGroup var precision: PrecisionOptions

    private static let pictureRows = 16

    func validate() throws {
        guard (1...1_000_000).contains(count) else { throw ValidationError("--count must be from 1 to 1000000.") }
        guard guidance.isFinite else { throw ValidationError("--guidance must be a number.") }
    }

    func run() throws {
        let given = solver.map { [Assignment("solver", .typed($0), from: "--solver")] } ?? []
        let flags = field.texts(assignments + given)
        let run = try flags.resolved { changes in
            try InversionRun(
                trained.folder, changes: changes, checkpoint: trained.checkpoint,
                with: .usual, on: { try device.engine(precision.precision) })
        }
        let total = min(count, run.available)
        var progress = ProgressBar(total: total)
        let outcome = try run.invert(total, guidance: guidance) {
            progress.update($0, "images there and back")
        }
        let file = URL(fileURLWithPath: out)
        try AtomicFile.write(PNG.encode(outcome.picture(rows: Invert.pictureRows)), to: file)
        let (errors, noise) = (outcome.errors, outcome.noiseStatistics)
        let mean = (errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)).squareRoot()
        try Terminal.print(
            String(
                format: "there and back: root mean square error %.2e, the worst image's %.2e; pixels are from -1 to 1",
                mean,
                errors.max() ?? 0))
        try Terminal.print(
            String(
                format: "noise: mean %.4f, deviation %.4f; what images are drawn from has 0 and 1", noise.mean,
                noise.deviation))
        try Terminal.print(
            "\(file.relativePath)  (\(total) images in \(String(format: "%.1f", outcome.seconds)) s, "
                + "\(outcome.evaluations) network evaluations an image)")
    }
}
