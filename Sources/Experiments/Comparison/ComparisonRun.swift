import Basis
public import Compute
public import Datasets
import Flows
public import Formats
import Foundation
public import Measurements
import Models
import NN
import PJRT
import Settings
import StableHLO
import Training

/// Several runs on the same task, each trained and then sampled from the same noise.
///
/// Runs that are finished are taken up as they are, half-finished ones are resumed.
public struct ComparisonRun: Sendable {
    /// In the order of the report.
    public let members: [ComparedRun]
    /// Guidance scales of the samples.
    public let guidance: [Double]

    private static let imagesPerLabel = 10

    public enum Event {
        /// A run's turn has come.
        case run(ComparedRun, TrainingRun)
        case training(TrainingRun.Event)
        /// A run has been trained.
        case trained(steps: Int)
        /// A run failed, or diverged; the others go on.
        case failed(any Error)
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
        /// Who is ahead of whom, by how much, and how sure that is; empty without two seeds.
        public let findings: [String]
    }

    /// - Throws: ``SettingsError`` for a configuration that is impossible; ``TrainingError`` for a folder that holds another
    ///   run; ``ComparisonError`` for runs of several precisions
    public init(_ members: [ComparedRun], guidance: [Double]) throws {
        for member in members where !member.isGiven {
            _ = try TrainingRun(member.configuration, in: member.folder)
        }
        let precisions = members.map { $0.configuration.training.precision.rawValue }.uniqued
        guard precisions.count < 2 else { throw ComparisonError.otherPrecisions(precisions[0], precisions[1]) }
        self.members = members
        self.guidance = guidance.uniqued
    }

    private var configurations: [RunConfiguration] { members.map(\.configuration) }

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
        var failures: [any Error] = []
        // What the listener throws is no failure of a run: it ends the comparison.
        var refusal: (any Error)?
        func tell(_ event: Event) throws {
            do { try onEvent(event) } catch {
                refusal = error
                throw error
            }
        }
        for member in members {
            do {
                guard
                    let measured = try measured(
                        member, with: places, on: engine, compilations, &pictures, until: shouldStop, tell)
                else { return nil }
                runs.append(measured)
            } catch {
                if let refusal { throw refusal }
                try onEvent(.failed(error))
                if case TrainingError.notFinite(let step, let what, _) = error {
                    runs.append(try measure(member, failure: .diverged(step: step, what)))
                } else {
                    failures.append(error)
                    runs.append(try measure(member, failure: .stopped("\(error)")))
                }
            }
        }
        // Where nothing was done there is nothing to report.
        if let first = failures.first, failures.count == members.count { throw first }
        let findings = findings(of: runs)
        return Outcome(
            study: try study(of: runs, findings, engine, command: command), pictures: pictures,
            summary: runs.map(\.summary), findings: findings)
    }

    /// Trains what is left of a run, samples it and measures it.
    ///
    /// - Returns: nil where it was stopped
    private func measured(
        _ member: ComparedRun, with places: DatasetPlaces, on engine: Engine, _ compilations: CompilationLog,
        _ pictures: inout [String: RasterImage], until shouldStop: () -> Bool, _ onEvent: (Event) throws -> Void
    ) throws -> MeasuredRun? {
        if !member.isGiven {
            let run = try TrainingRun(member.configuration, in: member.folder)
            try onEvent(.run(member, run))
            let steps = try run.train(
                with: places, on: { engine }, until: shouldStop, onEvent: { try onEvent(.training($0)) })
            try onEvent(.trained(steps: steps))
        }
        if shouldStop() { return nil }
        return try drawn(
            member, compileSeconds: compilations.seconds("train"), on: engine, &pictures, until: shouldStop, onEvent)
    }

    /// Draws a run's grids and reads its records. Image i of every run starts from the same noise.
    ///
    /// - Returns: nil where it was stopped
    private func drawn(
        _ member: ComparedRun, compileSeconds: Double?, on engine: Engine, _ pictures: inout [String: RasterImage],
        until shouldStop: () -> Bool, _ onEvent: (Event) throws -> Void
    ) throws -> MeasuredRun? {
        // A run that was finished earlier may have been recorded with other settings of the sampling.
        let sampling = try SamplingRun(member.folder, member.settings, on: { engine })
        for notice in sampling.notices { try onEvent(.notice(notice)) }
        let grid = LabelGrid(classCount: sampling.network.classCount, perClass: ComparisonRun.imagesPerLabel)
        let selection = SampleSelection(labels: grid.labels, columns: grid.columns)
        // Without labels every scale gives the same images.
        let guidance = sampling.network.classCount == 0 ? [1] : guidance
        // The first call of a kind compiles; a step of it is enough.
        try sampling.prepare(selection, guidance: guidance)
        let (title, name) = (member.title, member.name)
        var entries: [Picture] = []
        var time = SamplingTime(images: grid.labels.count, guidedSteps: 0, guidedSeconds: 0, totalSeconds: 0)
        for (index, scale) in guidance.enumerated() {
            if shouldStop() { return nil }
            let samples = try sampling.draw(selection, guidance: scale)
            time.totalSeconds += samples.seconds
            if scale != 1 {
                time.guidedSteps += member.configuration.sampling.steps
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
        var measured = try measure(member, failure: nil)
        measured.compileSeconds = compileSeconds
        measured.sampling = time
        measured.pictures = entries
        guard !measured.records.isEmpty else {
            throw TrainingError.damagedMetrics(path: member.folder.metricsFile.relativePath, measured.problems)
        }
        for problem in measured.problems {
            try onEvent(.notice("\(member.folder.metricsFile.relativePath): \(problem)"))
        }
        return measured
    }

    /// What is known of a run without sampling it.
    private func measure(_ member: ComparedRun, failure: MeasuredRun.Failure?) throws -> MeasuredRun {
        let configuration = try member.settings
        let network = try configuration.model.makeNetwork()
        var last = configuration.training.steps
        if case .diverged(let step, _)? = failure { last = step }
        let metrics = member.folder.exists ? try MetricsLog(member.folder.metricsFile).contents(through: last) : nil
        return MeasuredRun(
            name: member.title, network: configuration.model.kindTitle, configuration: configuration,
            data: member.folder.exists ? try member.folder.file().data : nil,
            settings: own(configuration), parameterCount: try ParameterTree(of: network).trainableCount,
            records: metrics?.records ?? [], problems: metrics?.problems ?? [], failure: failure, pictures: [])
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

    /// By the figure that ranks the runs, and by the held-out loss where all have one.
    private func findings(of measured: [MeasuredRun]) -> [String] {
        func findings(_ figure: String, _ value: (MeasuredRun) -> Double?) -> [String] {
            let figures = zip(members, measured).compactMap { member, run in
                run.failure == nil ? value(run).map { (choices: member.choices, figure: $0) } : nil
            }
            return ComparisonFinding.of(figures).map { $0.text(figure) }
        }
        let ranking = measured.ranking
        let name = "\(ranking.name)\(ranking.detail.isEmpty ? "" : " (\(ranking.detail))")"
        let ranked = findings(name) { $0.subject.reading(of: ranking)?.value }
        return ranked
            + findings("held-out loss") { run in
                run.records.last { $0.validationLoss != nil }.flatMap { $0.validationLossAveraged ?? $0.validationLoss }
            }
    }

    private func study(
        of measured: [MeasuredRun], _ findings: [String], _ engine: Engine, command: String
    ) throws -> Study {
        let dataFacts = ComparisonRun.factsOfData(measured.map(\.data))
        let runs = zip(measured, dataFacts.own).map { run, facts in
            var run = run
            run.settings += facts
            return run
        }
        let grid = LabelGrid(
            classCount: try runs[0].configuration.form().classCount, perClass: ComparisonRun.imagesPerLabel)
        let titles = members.map(\.title)
        let about = titles.count > 4 ? "\(titles.count) runs" : WordList.text(titles)
        let data = Array(Set(configurations.map(\.data.kindTitle))).sorted()
        return Study(
            title: "\(about) on the same flow-matching task", topics: data + [engine.device.kind],
            command: command,
            date: Date(), environment: environment(engine), configuration: facts + dataFacts.shared,
            subjects: runs.map(\.subject),
            rankedBy: runs.ranking.id, reference: PublishedFigures.reference,
            sections: Section.ofComparison(grid, findings))
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

extension ComparedRun {
    /// Its settings with what is the data's, once they are in its folder.
    fileprivate var settings: RunConfiguration {
        get throws { folder.exists ? try configuration.following(folder.file().configuration.form()) : configuration }
    }
}
