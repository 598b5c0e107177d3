import Compute
import FlowMatching
import Foundation
import Measurements
import Models
import NN
import PJRT
import Reports
import Sampling
import StableHLO
import Training

/// The runs of a comparison, one after another, and their report.
struct ComparisonSession {
    private let command: Compare
    private let specifications: [ModelSpecification]
    private let folder: URL

    init(_ command: Compare, specifications: [ModelSpecification]) {
        self.command = command
        self.specifications = specifications
        folder = URL(fileURLWithPath: command.out, isDirectory: true)
    }

    func run() throws {
        let wanted = specifications.map { command.training.configuration(of: $0, on: command.device) }
        for configuration in wanted { try configuration.validate() }
        let compilations = CompilationLog()
        let engine = try command.device.engine(compilations)
        var runs: [MeasuredRun] = []
        var images = ReportImages()
        for configuration in wanted {
            let name = configuration.model.model
            Terminal.note("\(name.title):")
            let run = RunFolder(folder.appendingPathComponent(name.rawValue, isDirectory: true))
            let session = TrainingSession(
                run, configuration, opening: .continueOrCreate, command.training, command.data)
            try session.run(on: engine)
            if Interruption.isRequested { return }
            try runs.append(
                measure(run, configuration, compileSeconds: compilations.seconds("train"), engine, &images))
        }
        try ReportWriter.write(study(of: runs, configuration: wanted[0], engine), images: images, to: folder)
        print("report: \(folder.appendingPathComponent("report.html").relativePath)")
        for run in runs {
            let means = Quantity.lossWindows.compactMap { window in
                run.course.finalMean(over: window).map { String(format: "%.2f (last %d)", $0, window) }
            }
            let last = String(format: "loss of the last step %.2f", run.course.values.last ?? .nan)
            print("  \(run.name): \(means.isEmpty ? last : "mean loss \(means.joined(separator: ", "))")")
        }
    }

    private func study(of runs: [MeasuredRun], configuration: RunConfiguration, _ engine: Engine) -> Study {
        Study(
            title: title, topics: [Self.dataSet, engine.device.kind], command: CommandLine.reproducible, date: Date(),
            environment: environment(engine), configuration: describe(configuration), subjects: runs.map(\.subject),
            rankedBy: runs.ranking.id, reference: PublishedFigures.reference, sections: Section.ofComparison)
    }

    private static let dataSet = "MNIST"

    private var title: String {
        let names = specifications.map(\.model.title)
        let list =
            names.count < 2
            ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
        return "\(list) on the same flow-matching task"
    }

    private func measure(
        _ run: RunFolder, _ configuration: RunConfiguration, compileSeconds: Double?, _ engine: Engine,
        _ images: inout ReportImages
    ) throws -> MeasuredRun {
        let name = configuration.model.model
        let network = try configuration.model.makeModel()
        let tree = try ParameterTree(of: network)
        let weights = try Checkpoint.readWeights(run.checkpoint(), tree, averaged: true, on: engine)
        let sampling = try sample(network, name, weights, engine, &images)
        let defaults = try ModelSpecification(name).configuration
        let overrides = configuration.model.configuration.filter { defaults[$0.key] != $0.value }
        return MeasuredRun(
            name: name.title, configuration: configuration,
            settings: overrides.sorted { $0.key < $1.key }.map { Fact($0.key, "\($0.value)") },
            parameterCount: tree.trainableCount, records: try MetricsLog(run.metricsFile).records(),
            compileSeconds: compileSeconds, sampling: sampling.time, pictures: sampling.pictures)
    }

    /// A grid for each guidance scale. Image i of every network starts from the same noise.
    private func sample(
        _ network: any VelocityField, _ name: ModelName, _ weights: [DeviceArray], _ engine: Engine,
        _ images: inout ReportImages
    ) throws -> (time: SamplingTime, pictures: [Picture]) {
        let grid = LabelGrid(classCount: network.classCount, perClass: 10)
        let sampler = try Sampler(network, on: engine)
        // The first call compiles; one step of it is enough.
        _ = try sampler.sample(
            SamplingRequest(labels: grid.labels, guidance: 1), weights: weights, steps: 1, seed: command.training.seed)
        var pictures: [Picture] = []
        var seconds = 0.0
        var progress = ProgressBar(total: command.guidance.count * grid.labels.count)
        for (index, scale) in command.guidance.enumerated() {
            let start = ContinuousClock.now
            let values = try sampler.sample(
                SamplingRequest(labels: grid.labels, guidance: scale), weights: weights, steps: command.sampleSteps,
                seed: command.training.seed)
            seconds += start.secondsUntilNow
            progress.update((index + 1) * grid.labels.count, "images sampled")
            let weight = String(format: "%g", scale)
            // The plus sign of 1e+20 has no place in a picture's name.
            let file = "samples-\(name.rawValue)-guidance-\(weight.replacing("+", with: "")).png"
            try images.add(grid.picture(of: values, shape: network.imageShape), as: file)
            let group = "Guidance \(weight)"
            pictures.append(
                Picture(
                    section: Section.samples, group: group, file: file,
                    summary: "\(grid.rows) rows of \(grid.columns) samples of \(name.title), \(group.lowercased())"))
        }
        let time = SamplingTime(
            images: grid.labels.count, steps: command.sampleSteps * command.guidance.count, seconds: seconds)
        return (time, pictures)
    }

    private func describe(_ configuration: RunConfiguration) -> [Fact] {
        let optimizer = configuration.optimizer
        return [
            Fact("Data set", Self.dataSet), Fact("Steps", DecimalText.grouped(configuration.steps)),
            Fact("Batch size", "\(DecimalText.grouped(configuration.batchSize)) images"),
            Fact("Learning rate", "\(optimizer.learningRate)"),
            Fact("Null-label probability", "\(configuration.labelDropout)"), Fact("Seed", "\(configuration.seed)"),
            Fact("Weights' moving average", configuration.averageDecay == 0 ? "none" : "\(configuration.averageDecay)"),
            Fact("Warm-up steps", "\(optimizer.warmupSteps)"),
            Fact("Cosine decay to step", optimizer.decaySteps == 0 ? "none" : "\(optimizer.decaySteps)"),
            Fact("Weight decay", "\(optimizer.weightDecay)"),
            Fact("Gradient clipping norm", optimizer.gradientClip == 0 ? "none" : "\(optimizer.gradientClip)"),
            Fact("Precision of products", configuration.precision.rawValue),
            Fact("Adam beta 1, beta 2, epsilon", "\(optimizer.beta1), \(optimizer.beta2), \(optimizer.epsilon)"),
            Fact("Sampling", "Euler, \(command.sampleSteps) steps, averaged weights where kept"),
        ]
    }

    private func environment(_ engine: Engine) -> [Fact] {
        let client = engine.device.client
        let version = client.plugin.apiVersion
        return [
            Fact("flowmatch", Version.current),
            Fact("Plugin", URL(fileURLWithPath: client.plugin.path).lastPathComponent),
            Fact("PJRT C API", "\(version.major).\(version.minor)"), Fact("Platform", client.platformName),
            Fact("Device", engine.device.kind), Fact("Processor", CPU.summary),
        ]
    }
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
