import ArgumentParser
import Compute
import Datasets
import Foundation
import Models
import NN
import Sampling
import Training

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a network on MNIST by flow matching.",
        discussion: """
            The defaults are the reference experiment: 5,000 steps of 250 images with Adam at 1e-3. A run is a folder \
            with its configuration, metrics, checkpoints and samples. Ctrl-C saves and says how to resume.
            """)

    @OptionGroup(title: "Network") var model: ModelOptions

    @OptionGroup(title: "Training") var settings: TrainingOptions

    @Option(help: "The folder of the run.", completion: .directory)
    var out: String

    @Flag(help: "Continue the run in the folder, to --steps in total.")
    var resume = false

    @OptionGroup(title: "Data") var data: DataOptions
    @OptionGroup(title: "Device") var device: DeviceOptions

    func run() throws {
        let folder = RunFolder(URL(fileURLWithPath: out, isDirectory: true))
        let wanted = try settings.configuration(of: model.specification(), on: device)
        try wanted.validate()
        try TrainingSession(folder, wanted, opening: resume ? .resume : .create, settings, data).run(
            on: device.engine())
        if Interruption.isRequested { throw ExitCode(130) }
    }
}
