public import ArgumentParser
import Basis
public import Experiments
import FlowMatching
import Foundation
import Measurements
import Settings
import Training

struct Sample: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw images from a trained run.",
        discussion: """
            By default a grid with a row for each label, or for 20 of more, and a last one for "no label"; with --labels or \
            --count, those images in a row. With several guidance scales, one file each: grid-guidance-1.png, ... Image i depends on \
            the seed and i alone. What is not said is as in the run's own settings.
            """)

    @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"), completion: .directory)
    var folder: String

    @Option(help: "The step whose checkpoint to use; left out, the last.")
    var checkpoint: Int?

    @Option(
        parsing: .unconditionalSingleValue,
        help: "Guidance scale; repeatable. 1 is the conditional model itself. (default: 3)")
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

    @Option(help: "Images of each label in the grid.")
    var perClass = 10

    @Option(
        help: ArgumentHelp(
            "Draw these labels, such as 3,1,4,1,5; the number after the last is no label.", valueName: "label,label"))
    var labels: LabelList?

    @Option(help: "Draw this many images, going through the labels in turn.")
    var count: Int?

    @Option(help: "The number of the first image: --first 3 --count 1 draws the fourth alone.")
    var first = 0

    @Option(help: "Show the path from noise to image: 'animation' (an animated PNG) or 'strip' (a row of stills each).")
    var trajectory: SampleFiles.Way?

    @Option(help: "What to write: a picture, or the values in [-1, 1] as an array (count, channels, height, width).")
    var format: SampleFiles.Format = .png

    @Option(help: "The file to write; left out, grid with the format's ending.", completion: .file())
    var out: String?

    @OptionGroup(title: "Device") var device: DeviceOptions
    @OptionGroup var precision: PrecisionOptions

    private static let mostImages = 1_000_000

    func validate() throws {
        let most = Sample.mostImages
        guard (1...most).contains(perClass) else { throw ValidationError("--per-class must be from 1 to \(most).") }
        guard count.map((1...most).contains) ?? true else {
            throw ValidationError("--count must be from 1 to \(most).")
        }
        guard (0...1_000_000_000_000).contains(first) else {
            throw ValidationError("--first must be from 0 to 1000000000000.")
        }
        guard first == 0 || labels != nil || count != nil else {
            throw ValidationError("--first numbers the images of --count or --labels; add one of them.")
        }
        guard guidance.allSatisfy(\.isFinite) else { throw ValidationError("--guidance must be a number.") }
        guard trajectory == nil || format == .png else {
            throw ValidationError("--trajectory is a picture: --format png.")
        }
    }

    func run() throws {
        var flags = AssignmentTexts(assignments)
        if noEma { flags.add("sampling.averaged_weights=false", from: "--no-ema") }
        for text in set { flags.add(text, from: "--set") }
        let run = try flags.resolved { changes in
            try SamplingRun(RunFolder(path: folder), changes: changes, checkpoint: checkpoint) {
                try device.engine(precision.precision)
            }
        }
        let classCount = run.network.classCount
        let selection =
            labels == nil && count == nil
            ? SamplingRun.Selection(gridOf: classCount, perClass: perClass)
            : SamplingRun.Selection(labels?.labels, count: count, first: first, classCount: classCount)
        if classCount == 0, guidance.contains(where: { $0 != 1 }) {
            Terminal.note("The run was trained without labels: every guidance scale gives the same images.")
        }
        // Each scale once: a second would write the same file.
        let scales = (guidance.isEmpty ? [run.configuration.guidance.scale] : guidance).uniqued
        for scale in scales {
            var progress = ProgressBar(total: selection.labels.count)
            let name = DecimalText.exact(scale)
            let samples = try run.draw(selection, guidance: scale, pieces: trajectory?.pieces ?? 0) {
                progress.update($0, "images at guidance \(name)")
            }
            let url = URL(fileURLWithPath: out ?? "grid.\(format.rawValue)")
            let file = scales.count > 1 ? url.appendingToName("-guidance-\(name)") : url
            let written = try SampleFiles(format, way: trajectory).write(samples, to: file)
            let time = String(format: "%.1f", samples.seconds)
            print(
                "\(written.map(\.relativePath).joined(separator: ", "))  (guidance \(name), \(selection.labels.count) "
                    + "images in \(time) s, \(samples.evaluations) network evaluations an image)")
        }
    }
}

extension SampleFiles.Way: ExpressibleByArgument {}

extension SampleFiles.Format: ExpressibleByArgument {}

/// Labels separated by commas.
struct LabelList: ExpressibleByArgument {
    let labels: [Int]

    init?(argument: String) {
        let parts = argument.split(separator: ",")
        labels = parts.compactMap { Int($0) }
        guard !labels.isEmpty, labels.count == parts.count else { return nil }
    }
}
