public import ArgumentParser
import Basis
public import Experiments
import Flows
import Foundation
import Measurements
import Settings
import Training

struct Sample: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw images from a trained run.",
        discussion: """
            By default a grid with a row for each label, or for 20 of more, and a last one for "no label"; with --labels or \
            --count, those images in a row. With several guidance scales, one file each: grid-guidance-1.png, ... Image i \
            depends on the seed and i alone. Files are written while images are drawn, so there may be any number of them. \
            What is not said is as in the run's own settings.
            """)

    @OptionGroup var trained: RunOptions

    @Option(
        parsing: .unconditionalSingleValue,
        help: "Guidance scale; repeatable. 1 is the conditional model itself. (default: 3)")
    var guidance: [Double] = []

    @Option(knob: "solver") var solver: Assignment?
    @Option(knob: "sampling.steps") var steps: Assignment?

    @Option(knob: "sampling.seed") var seed: Assignment?

    @OptionGroup var field: FieldOptions

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

    @Option(
        help: ArgumentHelp(
            "An image for each of these seeds, such as 3,5,10-19, each the first of its seed.",
            valueName: "seed,seed-seed"))
    var seeds: SeedList?

    @Option(
        help: ArgumentHelp(
            "Show the way between two: 'seeds', the two of --seeds, in a row for each label; or 'labels', the two of --labels.",
            discussion: """
                Between seeds it is the noise that changes, along a great circle. Between labels it is the velocity, the mean \
                of both labels' at each time, in a row for each of --seeds. --count says how many images a row has.
                """))
    var interpolate: Interpolation?

    @Option(help: "Show the path from noise to image: 'animation' (an animated PNG) or 'strip' (a row of stills each).")
    var trajectory: SampleFiles.Way?

    @Option(
        help: ArgumentHelp(
            "What to write: a picture; the values in [-1, 1], (count, channels, height, width), as npy or safetensors; or npz.",
            discussion:
                "npz has bytes, arr_0 (count, height, width, channels), and labels, arr_1: what evaluators read."))
    var format: SampleFiles.Format = .png

    @Option(help: "The file to write; left out, grid with the format's ending.", completion: .file())
    var out: String?

    @OptionGroup(title: "Device") var device: DeviceOptions
    @OptionGroup var precision: PrecisionOptions

    private static let mostImages = 1_000_000_000_000

    func validate() throws {
        let most = Sample.mostImages
        guard (1...most).contains(perClass) else { throw ValidationError("--per-class must be from 1 to \(most).") }
        guard count.map((1...most).contains) ?? true else {
            throw ValidationError("--count must be from 1 to \(most).")
        }
        guard (0...most).contains(first) else { throw ValidationError("--first must be from 0 to \(most).") }
        guard first == 0 || labels != nil || count != nil else {
            throw ValidationError("--first numbers the images of --count or --labels; add one of them.")
        }
        guard guidance.allSatisfy(\.isFinite) else { throw ValidationError("--guidance must be a number.") }
        guard trajectory == nil || format == .png else {
            throw ValidationError("--trajectory is a picture: --format png.")
        }
        try validateSeeds()
    }

    private func validateSeeds() throws {
        if seeds != nil {
            guard first == 0 else {
                throw ValidationError("--seeds draws the first image of each seed; leave out --first.")
            }
            guard count == nil || interpolate != nil else {
                throw ValidationError("--seeds draws an image for each seed; leave out --count.")
            }
            guard seed == nil else { throw ValidationError("--seeds names all seeds; leave out --seed.") }
        }
        guard let interpolate else { return }
        guard first == 0 else { throw ValidationError("--interpolate has no --first; name seeds with --seeds.") }
        guard rowLength > 1 else {
            throw ValidationError("--interpolate shows a way with two ends: --count 2 or more.")
        }
        switch interpolate {
        case .seeds where seeds?.count != 2:
            throw ValidationError("--interpolate seeds leads between the two of --seeds 1,2.")
        case .labels where labels?.labels.count != 2:
            throw ValidationError("--interpolate labels leads between the two of --labels 3,8.")
        default: break
        }
    }

    /// Images in a row that shows a way.
    private var rowLength: Int { count ?? 10 }

    func run() throws {
        let flags = field.texts(assignments)
        let run = try flags.resolved { changes in
            try SamplingRun(trained.folder, changes: changes, checkpoint: trained.checkpoint) {
                try device.engine(precision.precision)
            }
        }
        for notice in run.notices { Terminal.note(notice) }
        let contents = SampleFiles.Contents(try selection(of: run), imageShape: run.network.imageShape)
        let files = SampleFiles(format, way: trajectory)
        let url = URL(fileURLWithPath: out ?? "grid.\(format.rawValue)")
        try files.check(contents, to: url)
        if run.network.classCount == 0, guidance.contains(where: { $0 != 1 }) {
            Terminal.note("The run was trained without labels: every guidance scale gives the same images.")
        }
        // Each scale once: a second would write the same file.
        let scales = (guidance.isEmpty ? [run.configuration.guidance.scale] : guidance).uniqued
        for scale in scales {
            let name = DecimalText.exact(scale)
            try draw(
                contents, of: run, guidance: scale, files,
                to: scales.count > 1 ? url.appendingToName("-guidance-\(name)") : url)
        }
    }

    private func selection(of run: SamplingRun) throws -> SampleSelection {
        let classCount = run.network.classCount
        switch (interpolate, seeds) {
        case (.seeds, let seeds?):
            return try SampleSelection(
                fromSeed: seeds[0], toSeed: seeds[1], steps: rowLength,
                labels: labels?.labels ?? LabelGrid.rowLabels(of: classCount))
        case (.labels, _):
            let (ends, seed) = (labels?.labels ?? [], run.configuration.sampling.seed)
            return try SampleSelection(
                fromLabel: ends[0], toLabel: ends[1], steps: rowLength, seeds: seeds ?? SeedList(seed))
        case (_, let seeds?): return SampleSelection(seeds: seeds, labels: labels?.labels, classCount: classCount)
        case _ where labels == nil && count == nil: return try SampleSelection(gridOf: classCount, perClass: perClass)
        default: return SampleSelection(labels?.labels, count: count, first: first, classCount: classCount)
        }
    }

    private func draw(
        _ contents: SampleFiles.Contents, of run: SamplingRun, guidance scale: Double, _ files: SampleFiles,
        to file: URL
    ) throws {
        let (total, name) = (contents.selection.count, DecimalText.exact(scale))
        var progress = ProgressBar(total: total)
        var (done, summary): (Int, DrawingSummary?) = (0, nil)
        let pixels = contents.imageShape.reduce(1, *)
        let written = try files.write(contents, to: file) { append in
            summary = try run.draw(contents.selection, guidance: scale, pieces: trajectory?.pieces ?? 0) { batch in
                try append(batch)
                done += batch[0].count / pixels
                progress.update(done, "images at guidance \(name)")
            }
        }
        guard let summary else { return }
        let evaluations = "\(summary.evaluations) network evaluations an image"
        try Terminal.print(
            "\(listed(written))  (guidance \(name), \(total) images in \(String(format: "%.1f", summary.seconds)) s, "
                + "\(evaluations), \(DecimalText.grouped(summary.totalEvaluations)) in all)")
    }

    /// All files, or of many the first and the last.
    private func listed(_ files: [URL]) -> String {
        let names = files.map(\.relativePath)
        return names.count <= 4 ? names.joined(separator: ", ") : "\(names[0]) ... \(names[names.count - 1])"
    }
}

/// What a row of images leads between.
enum Interpolation: String, ExpressibleByArgument, CaseIterable {
    case seeds
    case labels
}

extension SeedList: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
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
