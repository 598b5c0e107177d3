public import Compute
public import Datasets
public import Flows
import Foundation
import Models
import NN
import Settings
import StableHLO
public import Tensors

/// What happens while a run is trained.
public enum TrainingEvent {
    /// Steps just done, in order.
    case steps([StepRecord])
    /// A checkpoint was written; the weights are the averaged ones where averages are kept.
    case checkpoint(step: Int, weights: [DeviceArray])
}

/// Trains one run in its folder, from its start or from its last checkpoint.
public final class Trainer {
    /// Where the run is written.
    public let folder: RunFolder
    /// What was chosen.
    public let configuration: RunConfiguration
    /// What is trained.
    public let network: any ConditionalNetwork
    private let program: TrainingProgram
    private let heldOut: HeldOutLoss?
    private let data: DeviceDataset
    private let seed: DeviceArray
    private var state: TrainingState
    /// Steps done.
    public private(set) var step: Int
    /// The step of the newest checkpoint, which is whole and finite.
    private var lastCheckpoint: Int?
    /// What is wrong with the records of the steps before.
    public let metricsProblems: [MetricsProblem]

    /// The longest a dispatch should take, so that progress is seen and an interruption is heard.
    private static let dispatchSeconds = 1.0

    /// Prepares a run: its data on the device, its program compiled, its state initialised or read.
    ///
    /// - Parameters:
    ///   - folder: of the run; it has been made
    ///   - configuration: what was chosen
    ///   - training: images of the size the model takes
    ///   - testing: images for the held-out loss, if it is asked for
    ///   - checkpoint: the step to go on from; left out, the newest that has a checkpoint
    ///   - others: what else is going to be needed, compiled beside what training needs first
    ///   - engine: what it runs on, of the run's precision
    /// - Throws: ``TrainingError`` where data and model do not fit, or what files and device report.
    public init(
        _ folder: RunFolder, _ configuration: RunConfiguration, training: ImageDataset, testing: ImageDataset?,
        from checkpoint: Int? = nil, preparing others: [Computation] = [], on engine: Engine
    ) throws {
        try configuration.validate()
        let network = try configuration.model.makeNetwork()
        let batchSize = configuration.training.batchSize
        try Trainer.check(network, batchSize: batchSize, against: training)
        try Trainer.check(batchSize: batchSize, against: engine.device)
        let precision = configuration.training.precision
        guard precision == engine.loweringOptions.precision else {
            throw TrainingError.otherPrecision(
                run: precision.rawValue, engine: engine.loweringOptions.precision.rawValue)
        }
        let step = TrainingStep(try ParameterTree(of: network), configuration.weightUpdate)
        let last = checkpoint ?? folder.checkpointSteps().last
        lastCheckpoint = last
        metricsProblems = try MetricsLog(folder.metricsFile).truncate(after: last ?? 0)
        let tested = configuration.recording.validateEvery > 0 ? testing : nil
        heldOut = try tested.map {
            try HeldOutLoss(
                configuration.velocityField(of: network), $0, count: configuration.recording.validationImages,
                on: engine)
        }
        let every = configuration.recording.validateEvery
        let isValidated = every > 0 && (last ?? 0) / every < configuration.training.steps / every
        let others =
            (last == nil ? [TrainingState.initialization(step.layout)] : [])
            + (isValidated ? [heldOut?.computation].compactMap { $0 } : []) + others
        let program = try TrainingProgram(
            network, step, objective: configuration.objective, augmentation: configuration.augmentation,
            imageCount: training.count, batchSize: batchSize, preparing: others, on: engine)
        data = try DeviceDataset(training, on: engine.device)
        seed = try DeviceArray([configuration.training.seed], TensorType([], .uint64), on: engine.device)
        state = try Trainer.state(in: folder, step: last, step.layout, seed: configuration.training.seed, on: engine)
        self.step = last ?? 0
        self.program = program
        self.folder = folder
        self.configuration = configuration
        self.network = network
    }

    /// The state of a checkpoint, or the first one. Before the first step, a checkpoint's weights are all there is to it.
    private static func state(
        in folder: RunFolder, step: Int?, _ layout: StateLayout, seed: UInt64, on engine: Engine
    ) throws -> TrainingState {
        switch step {
        case nil: try TrainingState(layout, seed: seed, on: engine)
        case 0?:
            try TrainingState(
                layout,
                weights: WeightFile.read(folder.checkpointFile(step: 0), layout.tree, ignoring: nil, on: engine),
                on: engine)
        case let step?: try Checkpoint.read(folder.checkpointFile(step: step), layout, on: engine)
        }
    }

    /// Throws where a network cannot be trained on a data set.
    package static func check(
        _ network: any ConditionalNetwork, batchSize: Int, against data: ImageDataset
    ) throws(TrainingError) {
        guard network.imageShape == data.imageShape else {
            throw .imageShape(model: network.imageShape, data: data.imageShape)
        }
        guard network.classCount == data.classCount else {
            throw .classCount(model: network.classCount, data: data.classCount)
        }
        guard batchSize <= data.count else { throw .batchLargerThanData(batch: batchSize, data: data.count) }
    }

    /// Throws where a batch cannot be shared equally by the devices.
    package static func check(batchSize: Int, against devices: DeviceGroup) throws(TrainingError) {
        guard batchSize % devices.count == 0 else {
            throw .batchNotDivisible(batch: batchSize, devices: devices.count)
        }
    }

    /// Trains until the configured number of steps is done or `shouldStop` says so; then writes a checkpoint.
    ///
    /// - Parameters:
    ///   - shouldStop: asked between dispatches
    ///   - frechetDistance: of the images that weights draw, asked for as often as the settings say; nil where it was
    ///     stopped or there is none
    ///   - onEvent: told of steps and checkpoints
    /// - Throws: ``TrainingError/notFinite(step:_:lastCheckpoint:)`` when anything is not finite; the state before is
    ///   kept in the last checkpoint.
    public func train(
        until shouldStop: () -> Bool, frechetDistance: ([DeviceArray]) throws -> Double? = { _ in nil },
        onEvent: (TrainingEvent) throws -> Void
    ) throws {
        var stepSeconds: Double?
        try makeUpForLastStep(until: shouldStop, frechetDistance)
        while step < configuration.training.steps && !shouldStop() {
            let count = dispatchCount(stepSeconds)
            let start = ContinuousClock.now
            let metrics = try program(&state, data.arrays, seed: seed, count: count)
            let seconds = start.secondsUntilNow / Double(count)
            stepSeconds = seconds
            var records = metrics.enumerated().map { record($1, step: step + $0 + 1, seconds: seconds) }
            try stopUnlessFinite(records)
            step += count
            if isDue(configuration.recording.validateEvery) {
                try validate(&records[count - 1], until: shouldStop)
                try stopUnlessFinite(records)
            }
            if isDue(configuration.recording.evaluateEvery) {
                records[count - 1].frechetDistance = try frechetDistance(state.weights(averaged: true))
            }
            try MetricsLog(folder.metricsFile).append(records)
            try onEvent(.steps(records))
            if isDue(configuration.recording.checkpointEvery) { try save(onEvent) }
        }
        if lastCheckpoint != step { try save(onEvent) }
    }

    /// Adds the held-out losses of the weights as they are to the record of the step just done, unless it is stopped.
    private func validate(_ record: inout StepRecord, until shouldStop: () -> Bool) throws {
        guard let heldOut, let raw = try heldOut(state.weights(averaged: false), until: shouldStop) else { return }
        guard configuration.average.isKept else {
            record.validationLoss = raw
            return
        }
        guard let averaged = try heldOut(state.weights(averaged: true), until: shouldStop) else { return }
        (record.validationLoss, record.validationLossAveraged) = (raw, averaged)
    }

    /// Makes up for figures that were stopped when the run was: a resumed run is as one that never was.
    private func makeUpForLastStep(
        until shouldStop: () -> Bool, _ frechetDistance: ([DeviceArray]) throws -> Double?
    ) throws {
        let log = MetricsLog(folder.metricsFile)
        guard step > 0, let last = try log.contents(through: step).records.last, last.step == step else { return }
        var record = last
        if isDue(configuration.recording.validateEvery), record.validationLoss == nil {
            try validate(&record, until: shouldStop)
        }
        if isDue(configuration.recording.evaluateEvery), record.frechetDistance == nil {
            record.frechetDistance = try frechetDistance(state.weights(averaged: true))
        }
        if record != last { try log.replaceLast(with: record) }
    }

    private func record(_ metrics: StepMetrics, step: Int, seconds: Double) -> StepRecord {
        StepRecord(
            step: step, loss: Double(metrics.loss), gradientNorm: Double(metrics.gradientNorm),
            learningRate: Double(metrics.learningRate), seconds: seconds,
            imagesPerSecond: Double(configuration.training.batchSize) / seconds)
    }

    /// Steps of the next dispatch: about a second's worth, not past the next checkpoint, figures or the end.
    private func dispatchCount(_ stepSeconds: Double?) -> Int {
        let wanted = stepSeconds.map { Int((Trainer.dispatchSeconds / $0).rounded()) } ?? 1
        let recording = configuration.recording
        let intervals = [recording.checkpointEvery, recording.validateEvery, recording.evaluateEvery]
        let limits = intervals.filter { $0 > 0 }.map { $0 - step % $0 }
        let left = configuration.training.steps - step
        return max(1, min(wanted, recording.stepsPerDispatch, left, limits.min() ?? .max))
    }

    private func isDue(_ interval: Int) -> Bool { interval > 0 && step % interval == 0 }

    private func stopUnlessFinite(_ records: [StepRecord]) throws {
        for (index, record) in records.enumerated() {
            guard let divergence = TrainingDivergence(record) else { continue }
            try MetricsLog(folder.metricsFile).append(Array(records[...index]))
            throw TrainingError.notFinite(step: record.step, divergence, lastCheckpoint: lastCheckpoint)
        }
    }

    private func save(_ onEvent: (TrainingEvent) throws -> Void) throws {
        // Records are on the device before the checkpoint they lead to.
        try MetricsLog(folder.metricsFile).synchronize()
        do {
            try Checkpoint.write(state, step: step, of: configuration, to: folder.checkpointFile(step: step))
        } catch let divergence as TrainingDivergence {
            throw TrainingError.notFinite(step: step, divergence, lastCheckpoint: lastCheckpoint)
        }
        lastCheckpoint = step
        let kept = configuration.recording.keepCheckpoints
        if kept > 0 { folder.keepNewestCheckpoints(kept) }
        try onEvent(.checkpoint(step: step, weights: state.weights(averaged: true)))
    }
}
