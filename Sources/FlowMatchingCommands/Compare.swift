import ArgumentParser
import Compute
import Datasets
import Experiments
import Foundation
import Measurements
import Models
import Reports
import Settings
import StableHLO
import Training

struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train several runs on the same task, sample each from the same noise, and report.",
        discussion: """
            Without --vary, the reference experiment: all networks. With it, a run for each combination of the values \
            given, of any settings. Writes one folder: a folder for each run, and report.html, .md, .json, .csv with \
            their pictures. Runs that are finished are taken up as they are, half-finished ones are resumed; one that fails \
            does not stop the others. A setting that begins with a network's name, as in --set dit.depth=2, is that \
            network's alone.
            """)

    @Argument(
        help: ArgumentHelp(
            "A JSON file of settings grouped by slot, such as a run's config.json; flags go before it.",
            valueName: "settings"),
        completion: .file(extensions: ["json"]))
    var base: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A setting and its values, such as seed=0,1,2; repeatable.",
            discussion: "With a semicolon between values that have commas: 'model.channels=16,32;16,32,64'.",
            valueName: "key=value,value"))
    var vary: [String] = []

    @Option(
        parsing: .upToNextOption, help: ArgumentHelp("Compare these runs, as they were trained.", valueName: "run"),
        completion: .directory)
    var runs: [String] = []

    @Flag(help: "Only say which runs there would be, and how long training would take, from a few measured steps.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "Do a part alone: train the run of this number in --dry-run's list, or `report` on the runs as they are.",
            valueName: "number or report"))
    var part: ComparisonPart?

    @Option(
        help: ArgumentHelp(
            "Where the work is done: here (local), or by Slurm's jobs, one for each run (slurm).",
            valueName: "place"))
    var on: ComparisonPlace = .local

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A long option of sbatch for all jobs, such as partition=gpu or time=02:00:00; repeatable.",
            valueName: "option=value"))
    var slurmOption: [String] = []

    @OptionGroup(title: "Settings") var settings: SettingsOptions
    @OptionGroup(title: "Shorthands") var training: TrainingOptions

    @Option(
        parsing: .unconditionalSingleValue,
        help: "Guidance scale of the samples; repeatable. (default: 1, 3, 5)")
    var guidance: [Double] = []

    @Flag(
        help:
            "Draw no images: the report has losses, curves and the figures of `flowmatch evaluate`. Runs that are compared by --runs need no checkpoints then."
    )
    var noSamples = false

    @Option(knob: "solver") var solver: Assignment?
    @Option(knob: "sampling.steps", name: "sample-steps") var sampleSteps: Assignment?

    @Option(help: "The folder of the comparison.", completion: .directory)
    var out: String

    @OptionGroup(title: "Device") var device: DeviceOptions

    func validate() throws {
        guard guidance.allSatisfy(\.isFinite) else { throw ValidationError("--guidance must be a number.") }
        guard guidance.isEmpty || !noSamples else {
            throw ValidationError("--guidance is of samples: leave it out, or --no-samples.")
        }
        guard base == nil || settings.config == nil else {
            throw ValidationError("The file of settings is given twice: leave out --config.")
        }
        guard on != .local || slurmOption.isEmpty else {
            throw ValidationError("--slurm-option is for Slurm's jobs: add --on slurm.")
        }
        guard on == .local || (!dryRun && part == nil) else {
            throw ValidationError("--dry-run and --part are for this machine: leave out --on, or them.")
        }
        guard !dryRun || part == nil else { throw ValidationError("Give --dry-run or --part, not both.") }
        guard !runs.isEmpty else { return }
        let isPlain = vary.isEmpty && base == nil && settings.isEmpty && training.allAssignments.isEmpty && !dryRun
        guard isPlain else {
            throw ValidationError(
                "--runs takes runs as they were trained: only --guidance, --solver and --sample-steps go with it.")
        }
    }

    func run() throws {
        let folder = URL(fileURLWithPath: out, isDirectory: true)
        let members = try members(in: folder)
        let guidance = noSamples ? [] : guidance.isEmpty ? [1, 3, 5] : guidance
        if case .queue(let name) = on, let queue = try JobQueues.queue(name, options: slurmOption) {
            return try follow(
                QueuedComparison(
                    members, guidance: guidance, in: folder, on: queue, by: .compareHere, partOption: "--part"), queue)
        }
        if case .training(let number) = part { return try train(members, number) }
        let comparison = try ComparisonRun(members, guidance: guidance)
        let compilations = CompilationLog()
        // Opened in that of the precisions about which there may be something to say.
        let precisions = comparison.members.map(\.configuration.training.precision)
        let engine = try device.engine(precisions.contains(.bfloat16) ? .bfloat16 : precisions[0], compilations)
        if dryRun {
            try tell(ComparisonPlan(comparison, with: .usual, on: engine))
        } else {
            try compare(comparison, in: folder, on: engine, compilations)
        }
    }

    /// Trains one of the runs.
    private func train(_ members: [ComparedRun], _ number: Int) throws {
        let run = try members.training(number)
        Terminal.note("\(members[number - 1].title):")
        var progress = TrainingProgress(run, command: "the same command")
        let steps = try run.train(
            with: .usual, on: { try device.engine(run.configuration.training.precision) },
            until: { Interruption.isRequested }, onEvent: { progress.report($0) })
        try progress.finish(steps: steps)
        if steps < run.configuration.training.steps { throw ExitCode(Interruption.exitCode) }
    }

    /// What is asked to be compared.
    func members(in folder: URL) throws -> [ComparedRun] {
        if !runs.isEmpty {
            return try AssignmentTexts(assignments).resolved { changes in
                try ComparedRun.trained(runs.map { RunFolder(path: $0) }, changes: changes)
            }
        }
        let base = try settings.base(file: base)
        let axes = try vary.map { try ComparisonAxis(text: $0) }
        return try settings.texts(training.allAssignments + assignments).resolved { given in
            // The reference experiment: all networks, unless one is named.
            let isNamed = self.base != nil || given.contains { $0.key == "model" } || !axes.isEmpty
            let networks = isNamed ? [] : [ComparisonAxis(key: "model", values: Networks.registry.names)]
            return try ComparedRun.product(of: networks + axes, over: base, changes: given, in: folder)
        }
    }

    private func tell(_ plan: ComparisonPlan) throws {
        for (index, entry) in plan.entries.enumerated() {
            let work =
                entry.stepsLeft == 0
                ? "nothing to train"
                : "\(DecimalText.grouped(entry.stepsLeft)) steps, about \(NumberForm.duration.text(entry.seconds))"
            try Terminal.print("\(index + 1). \(entry.run.title): \(work)  (\(entry.run.folder.url.relativePath))")
        }
        try Terminal.print("\(plan.entries.count) runs, about \(NumberForm.duration.text(plan.seconds)) of training")
    }

    private func compare(
        _ comparison: ComparisonRun, in folder: URL, on engine: Engine, _ compilations: CompilationLog
    ) throws {
        var progress: TrainingProgress?
        var sampling: ProgressBar?
        let isInterrupted = { Interruption.isRequested }
        let outcome = try comparison.run(
            with: .usual, on: engine, compilations,
            command: CommandLine.reproducible(without: Compare.optionsOfParts), trains: part == nil,
            until: isInterrupted
        ) { event in
            switch event {
            case .run(let member, let run):
                Terminal.note("\(member.title):")
                progress = TrainingProgress(run, command: "the same command")
            case .training(let event): progress?.report(event)
            case .trained(let steps): try progress?.finish(steps: steps)
            case .failed(let error):
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
        for line in outcome.summary + outcome.findings { try Terminal.print("  \(line)") }
        if outcome.study.subjects.allSatisfy({ $0.failure != nil }) { throw ExitCode(1) }
    }
}
