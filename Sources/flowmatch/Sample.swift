import ArgumentParser
import Compute
import FlowMatching
import Formats
import Foundation
import Models
import NN
import Sampling
import Training

struct Sample: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw images from a trained run.",
        discussion: """
            Writes a grid with a row for each label and a last one for "no label". With several guidance scales, one \
            file each: grid-guidance-1.png, ... Image i depends on the seed and i alone.
            """)

    @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"), completion: .directory)
    var folder: String

    @Option(help: "The step whose checkpoint to use; left out, the last.")
    var checkpoint: Int?

    @Option(help: "Guidance scale; repeatable. 1 is the conditional model itself.")
    var guidance: [Double] = [3]

    @Option(help: "Steps of Euler's method from noise to image.")
    var steps = 99

    @Option(help: "Images of each label.")
    var perClass = 10

    @Option(help: "Seed of the noise.")
    var seed: UInt64 = 0

    @Flag(help: "Use the weights themselves, not their moving average.")
    var noEma = false

    @Option(help: "The picture to write.", completion: .file(extensions: ["png"]))
    var out = "grid.png"

    @OptionGroup(title: "Device") var device: DeviceOptions

    func validate() throws {
        guard steps > 0 else { throw ValidationError("--steps must be 1 or more.") }
        guard perClass > 0 else { throw ValidationError("--per-class must be 1 or more.") }
        guard guidance.allSatisfy(\.isFinite) else { throw ValidationError("--guidance must be a number.") }
    }

    func run() throws {
        let folder = RunFolder(URL(fileURLWithPath: folder, isDirectory: true))
        let configuration = try folder.configuration()
        let network = try configuration.model.makeModel()
        let file = try folder.checkpoint(step: checkpoint)
        let engine = try device.engine()
        let weights = try Checkpoint.readWeights(file, ParameterTree(of: network), averaged: !noEma, on: engine)
        let sampler = try Sampler(network, on: engine)
        let grid = SampleGrid(classCount: network.classCount, perClass: perClass)
        for scale in guidance {
            let url = output(scale)
            var progress = ProgressBar(total: grid.labels.count)
            let start = ContinuousClock.now
            let images = try sampler.sample(
                SamplingRequest(labels: grid.labels, guidance: scale), weights: weights, steps: steps, seed: seed
            ) { progress.update($0, "images at guidance \(scale)") }
            let seconds = start.secondsUntilNow
            let picture = try grid.picture(of: images, shape: network.imageShape)
            try AtomicFile.write(PNG.encode(picture), to: url)
            print(String(format: "%@  (guidance %g, %d images in %.1f s)", url.relativePath, scale, grid.labels.count, seconds))
        }
    }

    /// The file itself, or with several scales one for each.
    private func output(_ scale: Double) -> URL {
        let url = URL(fileURLWithPath: out)
        guard guidance.count > 1 else { return url }
        let name = url.deletingPathExtension().lastPathComponent + String(format: "-guidance-%g", scale)
        return url.deletingLastPathComponent().appendingPathComponent(name).appendingPathExtension(
            url.pathExtension.isEmpty ? "png" : url.pathExtension)
    }
}
