import ArgumentParser
import Compute
import Datasets
import Experiments
import Foundation
import Measurements
import Settings
import StableHLO
import Training

struct FeaturesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features", abstract: "Feature networks, which sets of images are compared by.",
        subcommands: [TrainFeatures.self])
}

struct TrainFeatures: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train a feature network on a data set with labels.",
        discussion: """
            A small classifier, whose last layer but one is what `flowmatch evaluate` compares images by. Those of MNIST and \
            Fashion-MNIST at 32 x 32 come with this program; for other data or another side, train one and name its file with \
            --features. The same command gives the same file wherever processors round alike.
            """)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The images: mnist, fashion-mnist, a folder of pictures, of IDX files, or an NPZ file.",
            valueName: "name or path"))
    var data: String

    @Option(
        name: .customLong("set"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A setting of the data, such as data.fit=pad; repeatable.", valueName: "key=value"))
    var set: [String] = []

    @Option(help: ArgumentHelp("The side of the images, that of the runs to be evaluated.", valueName: "pixels"))
    var side = 32

    @Option(help: "How often each image is taken, on the average.")
    var epochs = 8

    @Option(help: "The file to write.", completion: .file(extensions: ["safetensors"]))
    var out = "features.safetensors"

    @OptionGroup(title: "Device") var device: DeviceOptions

    func validate() throws {
        guard (8...1024).contains(side) else { throw ValidationError("--side must be from 8 to 1024.") }
        guard (1...10_000).contains(epochs) else { throw ValidationError("--epochs must be from 1 to 10000.") }
    }

    func run() throws {
        var texts = AssignmentTexts(DatasetSources.assignments(naming: data, from: "--data"))
        for text in set { texts.add(text, from: "--set") }
        let source = try texts.resolved(by: RunConfiguration().applying).data
        let url = URL(fileURLWithPath: out)
        var (loading, bar) = (LoadingProgress(), ProgressBar(total: 0))
        let outcome = try FeatureTraining(source, side: side, epochs: epochs).train(
            to: url, with: .usual, on: { try device.engine(.float32) },
            onEvent: { event in
                switch event {
                case .data(let event): loading.report(event)
                case .began(let steps): bar = ProgressBar(total: steps)
                case .step(let step, let loss): bar.update(step, String(format: "loss %.4f", loss))
                }
            })
        try Terminal.print(
            "\(url.relativePath)  (\(outcome.identity.name), "
                + String(
                    format: "%.2f %% of the test images read right, %.0f s)", 100 * outcome.testAccuracy,
                    outcome.seconds))
        try Terminal.print("checksum: \(outcome.identity.checksum)")
    }
}
