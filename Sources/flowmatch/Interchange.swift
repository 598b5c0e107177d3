import ArgumentParser
import Experiments
import Foundation
import Measurements
import Models
import NN
import Settings
import Training
import Verification

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a run's weights as PyTorch's state_dict, in a safetensors file.",
        discussion: "`load_state_dict(strict=True)` of the same network in PyTorch takes the file.")

    @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"), completion: .directory)
    var folder: String

    @Option(help: "The step whose checkpoint to use; left out, the last.")
    var checkpoint: Int?

    @Flag(help: "Export the weights themselves, not their moving average.")
    var noEma = false

    @Option(help: "The file to write.", completion: .file(extensions: ["safetensors"]))
    var out: String

    @Option(
        help:
            "Also write inputs x, t, y and the network's velocity for them, to check a program that loads the weights.",
        completion: .file(extensions: ["safetensors"]))
    var probe: String?

    @OptionGroup(title: "Device") var device: DeviceOptions
    @OptionGroup var precision: PrecisionOptions

    func run() throws {
        let folder = RunFolder(path: folder)
        let network = try folder.file().configuration.model.makeNetwork()
        let tree = try ParameterTree(of: network)
        let file = try folder.checkpoint(step: checkpoint)
        let engine = try device.engine(precision.precision)
        let weights = try Checkpoint.readWeights(file, tree, averaged: !noEma, on: engine)
        try WeightFile.write(weights, tree, to: URL(fileURLWithPath: out))
        if let probe {
            try VelocityProbe.write(network, weights: weights, to: URL(fileURLWithPath: probe), on: engine)
        }
        print("\(out): \(tree.entries.count) tensors, \(DecimalText.grouped(tree.trainableCount)) parameters")
    }
}

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a run from weights that PyTorch wrote.",
        discussion: """
            The file is a state_dict in safetensors form. Tensors that are missing, extra or misshapen are all listed. \
            The run can be sampled, exported, and trained with `flowmatch train --resume`, which may still change any \
            setting but the network's.
            """)

    @Argument(help: "The weights.", completion: .file(extensions: ["safetensors"]))
    var file: String

    @OptionGroup(title: "Settings") var settings: SettingsOptions

    @Option(help: "The folder of the new run.", completion: .directory)
    var out: String

    @OptionGroup(title: "Device") var device: DeviceOptions

    func run() throws {
        let configuration = try settings.configuration().followingData(.usual)
        let count = try ImportedRun(URL(fileURLWithPath: file), configuration).write(
            to: RunFolder(path: out), on: device.engine(configuration.training.precision))
        print("run: \(out), \(DecimalText.grouped(count)) parameters")
    }
}
