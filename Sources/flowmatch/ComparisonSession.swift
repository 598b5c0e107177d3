import Compute
import Reports
import FlowMatching
import Foundation
import Models
import NN
import PJRT
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
        var models: [ModelReport] = []
        var images = ReportImages()
        for configuration in wanted {
            let name = configuration.model.model
            Terminal.note("\(name.title):")
            let run = RunFolder(folder.appendingPathComponent(name.rawValue, isDirectory: true))
            let session = TrainingSession(
                run, configuration, opening: .continueOrCreate, command.training, command.data)
            try session.run(on: engine)
            if Interruption.isRequested { return }
            try models.append(
                report(on: run, configuration, compileSeconds: compilations.seconds("train"), engine, &images))
        }
        let report = ExperimentReport(
            title: title, command: CommandLine.reproducible, date: Date(), environment: environment(engine),
            configuration: describe(wanted[0]), models: models)
        try ReportWriter.write(report, images: images, to: folder)
        print("report: \(folder.appendingPathComponent("report.html").relativePath)")
        for model in models {
            let means = model.loss.finalMeans.map { String(format: "%.2f (last %d)", $0.mean, $0.window) }
            let last = String(format: "loss of the last step %.2f", model.loss.last)
            print("  \(model.name): \(means.isEmpty ? last : "mean loss \(means.joined(separator: ", "))")")
        }
    }

    private var title: String {
        let names = specifications.map(\.model.title)
        let list =
            names.count < 2
            ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
        return "\(list) on the same flow-matching task"
    }

    private func report(
        on run: RunFolder, _ configuration: RunConfiguration, compileSeconds: Double?, _ engine: Engine,
        _ images: inout ReportImages
    ) throws -> ModelReport {
        let name = configuration.model.model
        let records = try MetricsLog(run.metricsFile).records()
        let network = try configuration.model.makeModel()
        let tree = try ParameterTree(of: network)
        let weights = try Checkpoint.readWeights(run.checkpoint(), tree, averaged: true, on: engine)
        let sampling = try sample(network, name, weights, engine, &images)
        let defaults = try ModelSpecification(name).configuration
        let overrides = configuration.model.configuration.filter { defaults[$0.key] != $0.value }
        return ModelReport(
            name: name.title, configuration: describe(configuration),
            overrides: overrides.sorted { $0.key < $1.key }.map { ReportSetting(name: $0.key, value: "\($0.value)") },
            parameterCount: tree.trainableCount,
            training: TrainingMeasurement(
                steps: records.count, batchSize: configuration.batchSize,
                seconds: records.reduce(0) { $0 + $1.seconds }, compileSeconds: compileSeconds ?? .nan),
            sampling: sampling.speed, loss: LossReport(losses: records.map(\.loss)), heldOut: heldOut(records),
            samples: sampling.grids)
    }

    /// A grid for each guidance scale. Image i of every network starts from the same noise.
    private func sample(
        _ network: any VelocityField, _ name: ModelName, _ weights: [DeviceArray], _ engine: Engine,
        _ images: inout ReportImages
    ) throws -> (speed: SamplingMeasurement, grids: [SampleGrid]) {
        let grid = LabelGrid(classCount: network.classCount, perClass: 10)
        let sampler = try Sampler(network, on: engine)
        // The first call compiles; one step of it is enough.
        _ = try sampler.sample(
            SamplingRequest(labels: grid.labels, guidance: 1), weights: weights, steps: 1, seed: command.training.seed)
        var grids: [SampleGrid] = []
        var seconds = 0.0
        var progress = ProgressBar(total: command.guidance.count * grid.labels.count)
        for (index, scale) in command.guidance.enumerated() {
            let start = ContinuousClock.now
            let values = try sampler.sample(
                SamplingRequest(labels: grid.labels, guidance: scale), weights: weights, steps: command.sampleSteps,
                seed: command.training.seed)
            seconds += start.secondsUntilNow
            progress.update((index + 1) * grid.labels.count, "images sampled")
            let file = String(format: "samples-%@-guidance-%g.png", name.rawValue, scale)
            try images.add(grid.picture(of: values, shape: network.imageShape), as: file)
            grids.append(SampleGrid(guidance: scale, file: file, rows: grid.rows, columns: grid.columns))
        }
        let speed = SamplingMeasurement(
            images: grid.labels.count, steps: command.sampleSteps * command.guidance.count, seconds: seconds)
        return (speed, grids)
    }

    private func heldOut(_ records: [StepRecord]) -> HeldOutReport? {
        let raw = records.filter { $0.validationLoss != nil }
        guard !raw.isEmpty else { return nil }
        let averaged = records.filter { $0.validationLossAveraged != nil }
        return HeldOutReport(
            weights: LossSeries(steps: raw.map(\.step), losses: raw.compactMap(\.validationLoss)),
            averagedWeights: averaged.isEmpty
                ? nil
                : LossSeries(steps: averaged.map(\.step), losses: averaged.compactMap(\.validationLossAveraged)))
    }

    private func describe(_ configuration: RunConfiguration) -> ReportConfiguration {
        let optimizer = configuration.optimizer
        let settings = [
            ("weights' moving average", configuration.averageDecay == 0 ? "none" : "\(configuration.averageDecay)"),
            ("warm-up steps", "\(optimizer.warmupSteps)"),
            ("cosine decay to step", optimizer.decaySteps == 0 ? "none" : "\(optimizer.decaySteps)"),
            ("weight decay", "\(optimizer.weightDecay)"),
            ("gradient clipping norm", optimizer.gradientClip == 0 ? "none" : "\(optimizer.gradientClip)"),
            ("precision of products", configuration.precision.rawValue),
            ("Adam beta 1, beta 2, epsilon", "\(optimizer.beta1), \(optimizer.beta2), \(optimizer.epsilon)"),
            ("sampling", "Euler, \(command.sampleSteps) steps, averaged weights where kept"),
        ]
        return ReportConfiguration(
            dataSet: "MNIST", steps: configuration.steps, batchSize: configuration.batchSize,
            learningRate: optimizer.learningRate, nullLabelProbability: configuration.labelDropout,
            seed: configuration.seed, settings: settings.map { ReportSetting(name: $0.0, value: $0.1) })
    }

    private func environment(_ engine: Engine) -> ReportEnvironment {
        let client = engine.device.client
        let version = client.plugin.apiVersion
        return ReportEnvironment(
            version: Version.current, plugin: client.plugin.path,
            interfaceVersion: "\(version.major).\(version.minor)", platform: client.platformName,
            device: engine.device.kind, processor: CPU.summary)
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
