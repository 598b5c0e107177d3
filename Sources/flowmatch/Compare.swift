import ArgumentParser
import Compute
import Datasets
import Experiments
import Foundation
import Measurements
import Models
import Reports
import Settings
import Training

struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train several networks on the same task, sample each from the same noise, and report.",
        discussion: """
            Writes one folder: a run for each network, and report.html, report.md, report.json with their pictures. \
            Runs that are finished are taken up as they are, half-finished ones are resumed. The defaults are the \
            reference experiment. A setting that begins with a network's name, as in --set dit.depth=2, is that network's \
            alone.
            """)

    @Option(help: ArgumentHelp("The networks, in the order of the report.", valueName: "name,name"))
    var models: ModelList = ModelList(names: Networks.registry.names)

    @OptionGroup(title: "Settings") var settings: SettingsOptions
    @OptionGroup(title: "Shorthands") var training: TrainingOptions

    @Option(
        parsing: .unconditionalSingleValue,
        help: "Guidance scale of the samples; repeatable. (default: 1, 3, 5)")
    var guidance: [Double] = []

    @Option(knob: "solver") var solver: Assignment?
    @Option(knob: "sampling.steps", name: "sample-steps") var sampleSteps: Assignment?

    @Option(help: "The folder of the comparison.", completion: .directory)
    var out: String

    @OptionGroup(title: "Device") var device: DeviceOptions

    func validate() throws {
        guard settings.model == nil else { throw ValidationError("Networks are named with --models here.") }
        guard guidance.allSatisfy(\.isFinite) else { throw ValidationError("--guidance must be a number.") }
    }

    func run() throws {
        let folder = URL(fileURLWithPath: out, isDirectory: true)
        let base = try settings.base()
        let comparison = try settings.texts(training.allAssignments + assignments).resolved { assignments in
            try ComparisonRun(
                ComparisonRun.configurations(of: models.names, over: base, assignments), in: folder,
                guidance: guidance.isEmpty ? [1, 3, 5] : guidance)
        }
        let compilations = CompilationLog()
        let engine = try device.engine(comparison.configurations[0].training.precision, compilations)
        var progress: TrainingProgress?
        var sampling: ProgressBar?
        let isInterrupted = { Interruption.isRequested }
        let outcome = try comparison.run(
            with: .usual, on: engine, compilations,
            command: CommandLine.reproducible, until: isInterrupted
        ) { event in
            switch event {
            case .run(let run):
                Terminal.note("\(run.configuration.model.kindTitle):")
                progress = TrainingProgress(run, command: "the same command")
            case .training(let event): progress?.report(event)
            case .trained(let steps): try progress?.finish(steps: steps)
            case .diverged(let error):
                Interruption.endSaving()
                Terminal.note("\(error)")
            case .notice(let text): Terminal.note(text)
            case .sampled(let done, let total):
                sampling = done == 0 ? nil : sampling ?? ProgressBar(total: total)
                sampling?.update(done, "images sampled")
                if done == total { sampling = nil }
            }
        }
        guard let outcome else { throw ExitCode(Interruption.exitCode) }
        var images = ReportImages()
        for (file, picture) in outcome.pictures { try images.add(picture, as: file) }
        try ReportWriter.write(outcome.study, images: images, to: folder)
        try Terminal.print("report: \(folder.appendingPathComponent("report.html").relativePath)")
        for line in outcome.summary { try Terminal.print("  \(line)") }
        if outcome.study.subjects.allSatisfy({ $0.failure != nil }) { throw ExitCode(1) }
    }
}

/// Names of networks, separated by commas, none twice.
struct ModelList: ExpressibleByArgument {
    let names: [String]

    init(names: [String]) { self.names = names }

    init?(argument: String) {
        names = argument.split(separator: ",").map(String.init)
        let known = Networks.registry.names
        guard !names.isEmpty, names.allSatisfy(known.contains), Set(names).count == names.count else { return nil }
    }

    var defaultValueDescription: String { names.joined(separator: ",") }
}

extension CommandLine {
    /// The command as a person would type it again, from anywhere the program is on the path.
    static var reproducible: String {
        (["flowmatch"] + arguments.dropFirst()).map { argument in
            let plain = argument.allSatisfy { $0.isLetter || $0.isNumber || "-_./,=:+@%".contains($0) }
            return plain && !argument.isEmpty
                ? argument : "'" + argument.replacingOccurrences(of: "'", with: "'\\''") + "'"
        }.joined(separator: " ")
    }
}
