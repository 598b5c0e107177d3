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
    /// Guidance scales of the samples; none where no images are drawn.
    public let guidance: [Double]

    static let imagesPerLabel = 10

    /// What happens in a comparison.
    public enum Event {
        /// A run's turn has come.
        case run(ComparedRun, TrainingRun)
        /// Something happened in the training of a run.
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
        /// What a report is made of.
        public let study: Study
        /// By the names that the study knows them by.
        public let pictures: [String: RasterImage]
        /// The outcome in a few lines.
        public let summary: [String]
        /// Who is ahead of whom, by how much, and how sure that is; empty without two seeds.
        public let findings: [String]
    }

    /// - Throws: ``SettingsError`` for a configuration that is impossible; ``TrainingError`` for a folder that holds another
    ///   run
    public init(_ members: [ComparedRun], guidance: [Double]) throws {
        for member in members where !member.isGiven {
            _ = try TrainingRun(member.configuration, in: member.folder)
        }
        self.members = members
        self.guidance = guidance.uniqued
    }

    /// Trains, samples and measures.
    ///
    /// - Parameters:
    ///   - places: where data sets are
    ///   - engine: what everything runs on, each run in its own precision
    ///   - compilations: told of what the engine compiles
    ///   - command: the command line that makes the comparison again
    ///   - trains: whether runs that are not finished are trained; else they are shown as failed
    ///   - shouldStop: asked between dispatches
    ///   - onEvent: told what happens
    /// - Returns: nil where it was stopped; what is done is kept.
    public func run(
        with places: DatasetPlaces, on engine: Engine, _ compilations: CompilationLog, command: String,
        trains: Bool = true, until shouldStop: () -> Bool = { false }, onEvent: (Event) throws -> Void
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
        let engines = engines(like: engine)
        for member in members {
            do {
                let own = engines[member.configuration.training.precision, default: engine]
                guard
                    let measured = try measured(
                        member, with: places, on: own, compilations, trains: trains, &pictures,
                        until: shouldStop, tell)
                else { return nil }
                runs.append(measured)
            } catch {
                if let refusal { throw refusal }
                try onEvent(.failed(error))
                if case TrainingError.notFinite(let step, let what, _) = error {
                    runs.append(try measure(member, failure: .diverged(step: step, what)))
                } else {
                    failures.append(error)
                    let text = PathText.withoutPlaces("\(error)", in: member.folder.url.deletingLastPathComponent())
                    runs.append(try measure(member, failure: .stopped(text)))
                }
            }
        }
        // Where nothing was done there is nothing to report.
        if let first = failures.first, failures.count == members.count { throw first }
        let study = try ComparisonStudy(members, runs, guidance: guidance).study(on: engine, command: command)
        let sheets =
            guidance.isEmpty ? nil : try EvaluationSheets(members, runs, study.groups) { try tell(.notice($0)) }
        return Outcome(
            study: sheets?.added(to: study) ?? study,
            pictures: pictures.merging(sheets?.pictures ?? [:]) { own, _ in own },
            summary: runs.map(\.summary), findings: study.findings.map { $0.sentence.replacing("±", with: "+-") })
    }

    /// One for each of the runs' precisions, since an engine keeps the programs that it compiled.
    func engines(like engine: Engine) -> [MatrixPrecision: Engine] {
        let precisions = Set(members.map(\.configuration.training.precision))
        return Dictionary(uniqueKeysWithValues: precisions.map { ($0, engine.computing(in: $0)) })
    }

    /// Trains what is left of a run, samples it and measures it.
    ///
    /// - Returns: nil where it was stopped
    private func measured(
        _ member: ComparedRun, with places: DatasetPlaces, on engine: Engine, _ compilations: CompilationLog,
        trains: Bool, _ pictures: inout [String: RasterImage], until shouldStop: () -> Bool,
        _ onEvent: (Event) throws -> Void
    ) throws -> MeasuredRun? {
        if !member.isGiven {
            let run = try TrainingRun(member.configuration, in: member.folder)
            try onEvent(.run(member, run))
            if !trains { try ComparisonRun.requireEnd(of: run) }
            let steps = try run.train(
                with: places, on: { engine }, until: shouldStop, onEvent: { try onEvent(.training($0)) })
            try onEvent(.trained(steps: steps))
        }
        if shouldStop() { return nil }
        return try drawn(
            member, compilations.take("train"), on: engine, &pictures, until: shouldStop, onEvent)
    }

    /// - Throws: ``TrainingError/notFinite(step:_:lastCheckpoint:)`` for a run that is recorded to have diverged,
    ///   ``ComparisonError/unfinished(path:steps:of:)``
    private static func requireEnd(of run: TrainingRun) throws {
        let steps = run.configuration.training.steps
        guard run.stepsDone < steps else { return }
        let last = try MetricsLog(run.folder.metricsFile).contents().records.last
        if let last, let divergence = TrainingDivergence(last) {
            throw TrainingError.notFinite(
                step: last.step, divergence, lastCheckpoint: run.stepsDone > 0 ? run.stepsDone : nil)
        }
        throw ComparisonError.unfinished(
            path: run.folder.url.relativePath, steps: run.stepsDone, of: steps)
    }

    /// Reads a run's records and draws its grids. Image i of every run starts from the same noise.
    ///
    /// - Returns: nil where it was stopped
    private func drawn(
        _ member: ComparedRun, _ compilation: Engine.Compilation?, on engine: Engine,
        _ pictures: inout [String: RasterImage],
        until shouldStop: () -> Bool, _ onEvent: (Event) throws -> Void
    ) throws -> MeasuredRun? {
        var measured = try recorded(member, compilation, onEvent)
        guard !guidance.isEmpty else { return measured }
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
                time.guidedImages += grid.labels.count
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
        measured.sampling = time
        measured.pictures = entries
        return measured
    }

    /// What a run's own files say of it.
    private func recorded(
        _ member: ComparedRun, _ compilation: Engine.Compilation?, _ onEvent: (Event) throws -> Void
    ) throws -> MeasuredRun {
        var measured = try measure(member, failure: nil)
        measured.compileSeconds = compilation?.seconds
        measured.stepMemory = compilation?.memoryInBytes
        do {
            measured.evaluations = try EvaluationFile(of: member.folder).evaluations
        } catch { try onEvent(.notice("\(error)")) }
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
            settings: [], parameterCount: try ParameterTree(of: network).trainableCount,
            records: metrics?.records ?? [], problems: metrics?.problems ?? [], failure: failure,
            stateMemory: try MemoryNeed(configuration, network).stateBytes, pictures: [])
    }
}

extension ComparedRun {
    /// Its settings with what is the data's, once they are in its folder.
    fileprivate var settings: RunConfiguration {
        get throws { folder.exists ? try configuration.following(folder.file().configuration.form()) : configuration }
    }
}
