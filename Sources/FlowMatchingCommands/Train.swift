import ArgumentParser
import Compute
import Datasets
import Experiments
import Foundation
import Settings
import Training

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a network by flow matching.",
        discussion: """
            The defaults are the reference experiment: a UNet, MNIST, 5,000 steps of 250 images with Adam at 1e-3. Every \
            choice is a setting (`flowmatch settings`): --set, a file with --config, or one of the shorthands below. A run \
            is a folder with its configuration, metrics, checkpoints and samples. Ctrl-C saves; --resume continues.
            """)

    @OptionGroup(title: "Settings") var settings: SettingsOptions

    @OptionGroup(title: "Shorthands") var training: TrainingOptions

    @Option(help: "The folder of a new run.", completion: .directory)
    var out: String?

    @Option(
        help: ArgumentHelp(
            "Continue the run in this folder; with --steps, to that many in total.", valueName: "run"),
        completion: .directory)
    var resume: String?

    @OptionGroup(title: "Device") var device: DeviceOptions

    func validate() throws {
        guard (out == nil) != (resume == nil) else {
            throw ValidationError("Name the folder: --out for a new run, or --resume for one that is there.")
        }
    }

    func run() throws {
        let run = try openRun()
        var progress = TrainingProgress(
            run, command: "`flowmatch train --resume \(run.folder.url.relativePath)`")
        let steps = try run.train(
            with: .usual,
            on: { try device.engine(run.configuration.training.precision) }, until: { Interruption.isRequested },
            onEvent: { progress.report($0) })
        try progress.finish(steps: steps)
    }

    private func openRun() throws -> TrainingRun {
        let texts = settings.texts(training.allAssignments)
        let base = try settings.base()
        if let resume {
            return try texts.resolved { try TrainingRun(resuming: RunFolder(path: resume), over: base, changes: $0) }
        }
        return try texts.resolved { try TrainingRun(new: base.applying($0), in: RunFolder(path: out ?? "")) }
    }
}

extension RunFolder {
    init(path: String) { self.init(URL(fileURLWithPath: path, isDirectory: true)) }
}
