import ArgumentParser
import Foundation

struct Sample: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw images from a trained run.",
        discussion: """
            By default a grid with a row for each label and a last one for "no label"; with --labels or --count, those \
            images in a row. With several guidance scales, one file each: grid-guidance-1.png, ... Image i depends on \
            the seed and i alone.
            """)

    @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"), completion: .directory)
    var folder: String

    @Option(help: "The step whose checkpoint to use; left out, the last.")
    var checkpoint: Int?

    @Option(help: "Guidance scale; repeatable. 1 is the conditional model itself. (default: 3)")
    var guidance: [Double] = []

    @Option(help: "Steps of Euler's method from noise to image.")
    var steps = 99

    @Option(help: "Images of each label in the grid.")
    var perClass = 10

    @Option(help: ArgumentHelp("Draw these labels, such as 3,1,4,1,5; 10 is no label.", valueName: "label,label"))
    var labels: LabelList?

    @Option(help: "Draw this many images, going through the labels in turn.")
    var count: Int?

    @Option(help: "Seed of the noise.")
    var seed: UInt64 = 0

    @Flag(help: "Use the weights themselves, not their moving average.")
    var noEma = false

    @Option(help: "Show the path from noise to image: 'animation' (an animated PNG) or 'strip' (a row of stills each).")
    var trajectory: Trajectory?

    @Option(help: "What to write: a picture, or the values in [-1, 1] as an array (count, channels, height, width).")
    var format: OutputFormat = .png

    @Option(help: "The file to write; left out, grid with the format's ending.", completion: .file())
    var out: String?

    @OptionGroup(title: "Device") var device: DeviceOptions

    enum Trajectory: String, ExpressibleByArgument, CaseIterable {
        case animation
        case strip
    }

    enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
        case png
        case npy
        case safetensors
    }

    func validate() throws {
        guard steps > 0 else { throw ValidationError("--steps must be 1 or more.") }
        guard perClass > 0 else { throw ValidationError("--per-class must be 1 or more.") }
        guard count.map({ $0 > 0 }) ?? true else { throw ValidationError("--count must be 1 or more.") }
        guard guidance.allSatisfy(\.isFinite) else { throw ValidationError("--guidance must be a number.") }
        guard trajectory == nil || format == .png else {
            throw ValidationError("--trajectory is a picture: --format png.")
        }
    }

    func run() throws { try SamplingSession(self).run() }
}

/// Labels separated by commas.
struct LabelList: ExpressibleByArgument {
    let labels: [Int]

    init?(argument: String) {
        let parts = argument.split(separator: ",")
        labels = parts.compactMap { Int($0) }
        guard !labels.isEmpty, labels.count == parts.count else { return nil }
    }
}
