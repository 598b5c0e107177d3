public import Compute
public import Datasets
import Flows
public import Foundation
import Models
public import Settings
public import Training

/// A run to be trained: its folder, its settings, and whether it begins or goes on.
///
/// Making one checks that the settings may be used in the folder and writes nothing; ``train(with:on:until:onEvent:)``
/// does the work.
public struct TrainingRun: Sendable {
    public let folder: RunFolder
    /// What nobody said of the network's channels and classes is the data's once a new run is trained.
    public let configuration: RunConfiguration
    /// Steps that the run has already.
    public let stepsDone: Int
    /// The images that those steps were trained on, where that was recorded.
    private let recordedData: DatasetIdentity?
    /// Newer checkpoints that are not whole; they are put aside.
    private let damaged: [DamagedCheckpoint]

    /// What happens while a run is trained.
    public enum Event {
        /// The images are being loaded.
        case data(DatasetEvent)
        /// The run did not record its images, as those of version 0.1 did not; from now on it is a run on these.
        case takenAsTrainedOn(DatasetIdentity)
        /// The run was finished before; nothing is done.
        case finishedEarlier(steps: Int)
        /// Something that is not as it should be, in a sentence; the work goes on.
        case notice(String)
        /// What training needs first is compiled; steps follow.
        case began
        /// Steps just done, in order.
        case steps([StepRecord])
        /// A checkpoint was written: nothing would be lost now.
        case saved(step: Int)
        /// A picture of samples was drawn as well, where there was time for it.
        case checkpoint(step: Int, picture: URL?)
    }

    /// A new run.
    ///
    /// - Throws: ``TrainingError/folderExists(_:)``, ``SettingsError``
    public init(new configuration: RunConfiguration, in folder: RunFolder) throws {
        try configuration.validate()
        guard !folder.exists else { throw TrainingError.folderExists(folder.url.relativePath) }
        self.init(folder, configuration, stepsDone: 0, recordedData: nil, damaged: [])
    }

    /// A run that goes on from its last checkpoint that is whole.
    ///
    /// - Parameters:
    ///   - base: settings for what the run's file leaves out
    ///   - changes: what is to be set otherwise; only what may change when a run is resumed. A run without a step, such as
    ///     an imported one, can change everything but its model.
    /// - Throws: ``TrainingError``, ``SettingsError``
    public init(
        resuming folder: RunFolder, over base: RunConfiguration = RunConfiguration(), changes: [Assignment] = []
    ) throws {
        let file = try folder.file(over: base)
        let wanted = try file.configuration.applying(changes)
        try self.init(taking: folder, file, to: wanted)
        guard stepsDone < wanted.training.steps else {
            throw TrainingError.alreadyFinished(steps: stepsDone, asked: wanted.training.steps)
        }
    }

    /// The run that a folder is to hold: a new one where there is none, else the one that is there, as far as it has got.
    ///
    /// - Throws: ``TrainingError/otherSettings(path:_:)`` where the folder holds a run of other settings.
    public init(_ configuration: RunConfiguration, in folder: RunFolder) throws {
        guard folder.exists else {
            try self.init(new: configuration, in: folder)
            return
        }
        let file = try folder.file()
        let configuration = try configuration.following(file.configuration.form())
        try self.init(taking: folder, file, to: configuration)
        // A run that is longer than asked for is another run.
        guard stepsDone <= configuration.training.steps else {
            throw TrainingError.otherSettings(
                path: folder.url.relativePath, configuration.differences(from: file.configuration))
        }
    }

    private init(taking folder: RunFolder, _ file: RunFile, to wanted: RunConfiguration) throws {
        let (newest, damaged) = try folder.newestWholeCheckpoint(of: file.configuration)
        let steps = newest ?? 0
        let refused = wanted.differences(from: file.configuration).filter { difference in
            let isOfTheModel = difference.key == "model" || difference.key.hasPrefix("model.")
            if steps == 0 { return isOfTheModel }
            // Version 0.1 did not record which data a run was trained on.
            if file.format == 1, difference.key.hasPrefix("data") { return false }
            return difference.decidesTheResult
        }
        guard refused.isEmpty else { throw TrainingError.otherSettings(path: folder.url.relativePath, refused) }
        try wanted.validate()
        self.init(folder, wanted, stepsDone: steps, recordedData: steps > 0 ? file.data : nil, damaged: damaged)
    }

    private init(
        _ folder: RunFolder, _ configuration: RunConfiguration, stepsDone: Int, recordedData: DatasetIdentity?,
        damaged: [DamagedCheckpoint]
    ) {
        self.folder = folder
        self.configuration = configuration
        self.stepsDone = stepsDone
        self.recordedData = recordedData
        self.damaged = damaged
    }

    /// Trains what is left of the run.
    ///
    /// Data, batch and devices are checked before the folder is made or changed. Nobody else writes the folder meanwhile.
    /// - Parameters:
    ///   - places: where data sets are
    ///   - engine: opened once the data has been read; of the run's precision
    ///   - shouldStop: asked after every dispatch; the run is then saved
    /// - Returns: steps that the run has now
    /// - Throws: ``TrainingError``, and what data, files and device report.
    public func train(
        with places: DatasetPlaces, on engine: () throws -> Engine, until shouldStop: () -> Bool = { false },
        onEvent: (Event) throws -> Void
    ) throws -> Int {
        guard stepsDone < configuration.training.steps else {
            try onEvent(.finishedEarlier(steps: stepsDone))
            return stepsDone
        }
        // A run that is there is locked at once, a new one as soon as it has a folder.
        let early = folder.exists ? try RunLock(folder) : nil
        let wanted = try configuration.model.makeNetwork()
        // Images of an impossible size are not even loaded.
        try MemoryNeed(configuration, wanted).check(images: 1)
        let side = wanted.imageShape[1]
        let loaded = try load(.train, side: side, places, onEvent)
        if let recordedData, !recordedData.isSame(as: loaded.identity) {
            throw TrainingError.otherData(
                path: folder.url.relativePath, recorded: recordedData, found: loaded.identity)
        }
        let configuration = try configuration.following(loaded.images.form)
        let network = try configuration.model.makeNetwork()
        _ = try WeakerRun(of: folder, configuration)
        try MemoryNeed(configuration, network).check(images: loaded.images.count)
        let training = try loaded.images.prepared(for: network)
        let recording = configuration.recording
        let test =
            recording.validateEvery + recording.evaluateEvery > 0 ? try load(.test, side: side, places, onEvent) : nil
        let testing = try test?.images.prepared(for: network)
        try Trainer.check(network, batchSize: configuration.training.batchSize, against: training)
        let engine = try engine()
        let distance = try test.flatMap { test in
            recording.evaluateEvery > 0
                ? try DistanceInTraining(
                    configuration, network, test, trainedOn: loaded.identity, on: engine) : nil
        }
        try Trainer.check(batchSize: configuration.training.batchSize, against: engine.device)
        if stepsDone > 0 && recordedData == nil { try onEvent(.takenAsTrainedOn(loaded.identity)) }
        try folder.make()
        let lock = try early ?? RunLock(folder)
        defer { withExtendedLifetime(lock) {} }
        try takeFolder(configuration, loaded.identity, isNew: early == nil)
        if let weakness = lock.weakness { try onEvent(.notice(weakness)) }
        for checkpoint in damaged { try onEvent(.notice("\(checkpoint); going on from step \(stepsDone)")) }
        let picture = try CheckpointPicture(folder, configuration, network: network, engine)
        let trainer = try Trainer(
            folder, configuration, training: training, testing: testing,
            from: folder.checkpointSteps().isEmpty ? nil : stepsDone,
            preparing: picture.computations + (distance?.computations ?? []), on: engine)
        for problem in trainer.metricsProblems {
            try onEvent(.notice("\(folder.metricsFile.relativePath): \(problem)"))
        }
        let board =
            configuration.recording.tensorboard ? try TensorBoardLog(folder, after: trainer.step) : nil
        try onEvent(.began)
        try trainer.train(
            until: shouldStop,
            frechetDistance: { weights in try distance.flatMap { try $0(of: weights, until: shouldStop) } },
            onEvent: { event in
                switch event {
                case .steps(let records):
                    try board?.append(records)
                    try onEvent(.steps(records))
                case .checkpoint(let step, let weights):
                    try onEvent(.saved(step: step))
                    let file = shouldStop() ? nil : try picture.write(step: step, weights, until: shouldStop)
                    if file != nil { try picture.makeUp(until: shouldStop) }
                    try onEvent(.checkpoint(step: step, picture: file))
                }
            })
        return trainer.step
    }

    /// Reads one split, reporting; what a report throws is thrown once the images are there.
    private func load(
        _ split: DatasetSplit, side: Int, _ places: DatasetPlaces, _ onEvent: (Event) throws -> Void
    ) throws -> LoadedDataset {
        var failure: (any Error)?
        let loaded = try configuration.data.load(split, side: side, places) { event in
            do { try onEvent(.data(event)) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
        return loaded
    }

    /// Makes the folder this run's, now that nobody else can.
    private func takeFolder(_ configuration: RunConfiguration, _ data: DatasetIdentity, isNew: Bool) throws {
        // What was found when this value was made may have changed since.
        guard !isNew || !folder.exists else { throw TrainingError.folderExists(folder.url.relativePath) }
        let passedOver = Set(damaged.map(\.step))
        let last = folder.checkpointSteps().last { !passedOver.contains($0) }
        guard last ?? 0 == stepsDone else { throw TrainingError.changedMeanwhile(folder.url.relativePath) }
        try folder.putAside(damaged)
        try folder.save(configuration, data: data)
    }
}
