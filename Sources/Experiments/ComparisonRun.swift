import Basis
public import Compute
public import Datasets
import FlowMatching
public import Formats
public import Foundation
public import Measurements
import Models
import NN
import PJRT
public import Settings
public import Training

/// Several runs on the same task, each trained and then sampled from the same noise.
///
/// Runs that are finished are taken up as they are, half-finished ones are resumed.
public struct ComparisonRun: Sendable {
    /// The runs' settings, in the order of the report; each is named after its network.
    public let configurations: [RunConfiguration]
    public let folder: URL
    /// Guidance scales of the samples.
    public let guidance: [Double]

    private static let imagesPerLabel = 10

    public enum Event {
        /// A run's turn has come.
        case run(TrainingRun)
        case training(TrainingRun.Event)
        /// A run has been trained.
        case trained(steps: Int)
        /// A run diverged; the others go on.
        case diverged(any Error)
        /// Something that is not as it should be, in a sentence; the work goes on.
        case notice(String)
        /// So many of the run's images have been drawn.
        case sampled(Int, of: Int)
    }

    /// What a comparison found.
    public struct Outcome: Sendable {
        public let study: Study
        /// By the names that the study knows them by.
        public let pictures: [String: RasterImage]
        public let summary: [String]
    }

    /// - Throws: ``SettingsError`` for a configuration that is impossible.
    public init(_ configurations: [RunConfiguration], in folder: URL, guidance: [Double]) throws {
        for configuration in configurations { try configuration.validate() }
        self.configurations = configurations
        self.folder = folder
        self.guidance = guidance.uniqued
    }

    /// The settings of several networks.
    ///
    /// - Parameter assignments: for all, but for those whose key begins with a network's name, such as `dit.depth`: they
    ///   are its alone
    /// - Throws: ``SettingsError``
    public static func configurations(
        of models: [String], over base: RunConfiguration, _ assignments: [Assignment]
    ) throws(SettingsError) -> [RunConfiguration] {
        var configurations: [RunConfiguration] = []
        for name in models {
            let own = assignments.compactMap { assignment -> Assignment? in
                let parts = assignment.key.split(separator: ".", maxSplits: 1).map(String.init)
                guard parts.count == 2, models.contains(parts[0]) else { return assignment }
                guard parts[0] == name else { return nil }
                return Assignment("model.\(parts[1])", assignment.value, from: assignment.origin)
            }
            configurations.append(try base.applying([Assignment("model", .text(name), from: "models")] + own))
        }
        return configurations
    }

    /// Trains, samples and measures.
    ///
    /// - Parameters:
    ///   - compilations: told of what the engine compiles
    ///   - command: the command line that makes the comparison again
    /// - Returns: nil where it was stopped; what is done is kept.
    public func run(
        with places: DatasetPlaces, on engine: Engine, _ compilations: CompilationLog, command: String,
        until shouldStop: () -> Bool = { false }, onEvent: (Event) throws -> Void
    ) throws -> Outcome? {
        var runs: [MeasuredRun] = []
        var pictures: [String: RasterImage] = [:]
        for configuration in configurations {
            let name = configuration.model.kindName
            let run = try TrainingRun(
                configuration, in: RunFolder(folder.appendingPathComponent(name, isDirectory: true)))
            try onEvent(.run(run))
            do {
                let steps = try run.train(
                    with: places, on: { engine }, until: shouldStop, onEvent: { try onEvent(.training($0)) })
                try onEvent(.trained(steps: steps))
            } catch let error as TrainingError {
                guard case .notFinite(let step, let what, _) = error else { throw error }
                try onEvent(.diverged(error))
                runs.append(try measure(TrainingRun(configuration, in: run.folder), divergence: (step, what)))
                continue
            }
            if shouldStop() { return nil }
            // As it is in its folder now, nothing of it is left to the data.
            let trained = try TrainingRun(configuration, in: run.folder)
            let measured = try measure(
                trained, compileSeconds: compilations.seconds("train"), on: engine, &pictures, until: shouldStop,
                onEvent)
            guard let measured else { return nil }
            runs.append(measured)
        }
        return Outcome(
            study: try study(of: runs, engine, command: command), pictures: pictures, summary: runs.map(\.summary))
    }

    /// Draws a run's grids and reads its records. Image i of every run starts from the same noise.
    ///
    /// - Returns: nil where it was stopped
    private func measure(
        _ run: TrainingRun, compileSeconds: Double?, on engine: Engine, _ pictures: inout [String: RasterImage],
        until shouldStop: () -> Bool, _ onEvent: (Event) throws -> Void
    ) throws -> MeasuredRun? {
        // A run that was finished earlier may have been recorded with other settings of the sampling.
        let sampling = try SamplingRun(run.folder, run.configuration, on: { engine })
        for notice in sampling.notices { try onEvent(.notice(notice)) }
        let grid = LabelGrid(classCount: sampling.network.classCount, perClass: ComparisonRun.imagesPerLabel)
        let selection = SampleSelection(labels: grid.labels, columns: grid.columns)
        // Without labels every scale gives the same images.
        let guidance = sampling.network.classCount == 0 ? [1] : guidance
        // The first call of a kind compiles; a step of it is enough.
        try sampling.prepare(selection, guidance: guidance)
        let (title, name) = (run.configuration.model.kindTitle, run.configuration.model.kindName)
        var entries: [Picture] = []
        var time = SamplingTime(images: grid.labels.count, guidedSteps: 0, guidedSeconds: 0, totalSeconds: 0)
        for (index, scale) in guidance.enumerated() {
            if shouldStop() { return nil }
            let samples = try sampling.draw(selection, guidance: scale)
            time.totalSeconds += samples.seconds
            if scale != 1 {
                time.guidedSteps += run.configuration.sampling.steps
                time.guidedSeconds += samples.seconds
            }
            try onEvent(.sampled((index + 1) * grid.labels.count, of: guidance.count * grid.labels.count))
            let weight = DecimalText.exact(scale)
            // The plus sign of 1e+20 has no place in a picture's name.
            let file = "samples-\(name)-guidance-\(weight.replacing("+", with: "")).png"
            pictures[file] = try grid.picture(of: samples.images, shape: samples.imageShape)
            entries.append(
                Picture(
                    section: Section.samples, group: "Guidance \(weight)", file: file,
                    summary: "\(grid.rows) rows of \(grid.columns) samples of \(title), guidance \(weight)"))
        }
        var measured = try measure(run, divergence: nil)
        measured.compileSeconds = compileSeconds
        measured.sampling = time
        measured.pictures = entries
        guard !measured.records.isEmpty else {
            throw TrainingError.damagedMetrics(path: run.folder.metricsFile.relativePath, measured.problems)
        }
        for problem in measured.problems { try onEvent(.notice("\(run.folder.metricsFile.relativePath): \(problem)")) }
        return measured
    }

    /// What is known of a run without sampling it.
    private func measure(_ run: TrainingRun, divergence: (step: Int, what: Divergence)?) throws -> MeasuredRun {
        let network = try run.configuration.model.makeNetwork()
        let last = divergence?.step ?? run.configuration.training.steps
        let metrics = try MetricsLog(run.folder.metricsFile).contents(through: last)
        return MeasuredRun(
            name: run.configuration.model.kindTitle, configuration: run.configuration, data: try run.folder.file().data,
            settings: own(run.configuration), parameterCount: try ParameterTree(of: network).trainableCount,
            records: metrics.records, problems: metrics.problems, divergence: divergence, pictures: [])
    }

    /// What sets a run apart: sizes of its network that are not the defaults, and all else that the runs do not share.
    private func own(_ configuration: RunConfiguration) -> [Fact] {
        let shared = Set(facts.map(\.name))
        return configuration.flattened().filter { setting in
            if setting.key == "model" || ComparisonRun.isPlace(setting) { return false }
            guard setting.key.hasPrefix("model.") else { return !shared.contains(setting.key) }
            return configuration.reference.value(of: setting.key) != setting.value
        }.map { Fact($0.key, $0.value.description) }
    }

    /// Whether a setting only says where images are on this machine.
    private static func isPlace(_ setting: FlatSetting) -> Bool {
        setting.key.hasPrefix("data.") && setting.declaration.role == .recording
    }

    /// What runs were trained on: once where it is the same for all, else with each.
    static func factsOfData(_ data: [DatasetIdentity?]) -> (shared: [Fact], own: [[Fact]]) {
        if let first = data.first ?? nil, data.allSatisfy({ $0 == first }) {
            return (first.facts, data.map { _ in [] })
        }
        return ([], data.map { $0?.facts ?? [Fact("training images", "not recorded")] })
    }

    private func study(of measured: [MeasuredRun], _ engine: Engine, command: String) throws -> Study {
        let dataFacts = ComparisonRun.factsOfData(measured.map(\.data))
        let runs = zip(measured, dataFacts.own).map { run, facts in
            var run = run
            run.settings += facts
            return run
        }
        let grid = LabelGrid(
            classCount: try runs[0].configuration.form().classCount, perClass: ComparisonRun.imagesPerLabel)
        let titles = configurations.map(\.model.kindTitle)
        let data = Array(Set(configurations.map(\.data.kindTitle))).sorted()
        return Study(
            title: "\(WordList.text(titles)) on the same flow-matching task", topics: data + [engine.device.kind],
            command: command,
            date: Date(), environment: environment(engine), configuration: facts + dataFacts.shared,
            subjects: runs.map(\.subject),
            rankedBy: runs.ranking.id, reference: PublishedFigures.reference, sections: Section.ofComparison(grid))
    }

    /// What all runs are set to, but for their networks.
    private var facts: [Fact] {
        let settings = configurations.map { $0.flattened().filter { $0.key != "model" && !$0.key.hasPrefix("model.") } }
        return settings[0].filter { setting in
            settings.allSatisfy { list in list.contains { $0.key == setting.key && $0.value == setting.value } }
                && !ComparisonRun.isPlace(setting)
        }.map { setting in
            let unit = setting.declaration.unit.isEmpty ? "" : " \(setting.declaration.unit)"
            return Fact(setting.key, "\(setting.value)\(unit)")
        } + [Fact("guidance scales", guidance.map(DecimalText.exact).joined(separator: ", "))]
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

extension DatasetIdentity {
    /// For a report.
    var facts: [Fact] {
        let form = channels == 1 ? "gray" : "colour"
        return [
            Fact("training images", "\(DecimalText.grouped(count)) of \(name) (\(split)), \(form)"),
            Fact("their checksum", checksum),
            Fact("their size", "\(side) x \(side)" + (resize == "none" ? "" : " by \(resize)")),
        ]
    }
}

extension RunConfiguration {
    /// The reference experiment with this network at its defaults.
    var reference: RunConfiguration {
        var reference = RunConfiguration()
        if let model = Networks.registry[model.kindName] { reference.model = model }
        return reference
    }
}
