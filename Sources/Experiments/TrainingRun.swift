public import Compute
public import Datasets
import FlowMatching
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

    /// What happens while a run is trained.
    public enum Event {
        /// The run was finished before; nothing is done.
        case finishedEarlier(steps: Int)
        /// Everything is compiled; steps follow.
        case began
        /// Steps just done, in order.
        case steps([StepRecord])
        /// A checkpoint was written, and a picture of samples where there was time for it.
        case checkpoint(step: Int, picture: URL?)
    }

    /// A new run.
    ///
    /// - Throws: ``TrainingError/folderExists(_:)``, ``SettingsError``
    public init(new configuration: RunConfiguration, in folder: RunFolder) throws {
        try configuration.validate()
        guard !folder.exists else { throw TrainingError.folderExists(folder.url.relativePath) }
        self.init(folder, configuration, stepsDone: 0)
    }

    /// A run that goes on from its last checkpoint.
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
        let steps = folder.checkpointSteps().last ?? 0
        let refused = wanted.differences(from: file.configuration).filter { difference in
            let isOfTheModel = difference.key == "model" || difference.key.hasPrefix("model.")
            if steps == 0 { return isOfTheModel }
            // Version 0.1 did not record which data a run was trained on.
            if file.format == 1, difference.key.hasPrefix("data") { return false }
            return !difference.declaration.mayChangeOnResume
        }
        guard refused.isEmpty else { throw TrainingError.otherSettings(path: folder.url.relativePath, refused) }
        try wanted.validate()
        self.init(folder, wanted, stepsDone: steps)
    }

    private init(_ folder: RunFolder, _ configuration: RunConfiguration, stepsDone: Int) {
        self.folder = folder
        self.configuration = configuration
        self.stepsDone = stepsDone
    }

    /// Trains what is left of the run.
    ///
    /// Data, batch and devices are checked before the folder is made or changed.
    /// - Parameters:
    ///   - places: where data sets are
    ///   - engine: opened once the data has been read; of the run's precision
    ///   - shouldStop: asked after every dispatch; the run is then saved
    /// - Returns: steps that the run has now
    public func train(
        with places: DatasetPlaces, on engine: () throws -> Engine, until shouldStop: () -> Bool = { false },
        onEvent: (Event) throws -> Void
    ) throws -> Int {
        let images = try configuration.data.load(.train, places)
        let configuration = try configuration.following(images.form)
        let network = try configuration.model.makeNetwork()
        _ = try WeakerRun(of: folder, configuration)
        let training = try images.prepared(for: network)
        let isValidated = configuration.recording.validateEvery > 0
        let testing = isValidated ? try configuration.data.load(.test, places).prepared(for: network) : nil
        try Trainer.check(network, batchSize: configuration.training.batchSize, against: training)
        guard stepsDone < configuration.training.steps else {
            try onEvent(.finishedEarlier(steps: stepsDone))
            return stepsDone
        }
        let engine = try engine()
        try Trainer.check(batchSize: configuration.training.batchSize, against: engine.device)
        try folder.save(configuration)
        let trainer = try Trainer(folder, configuration, training: training, testing: testing, on: engine)
        let board = configuration.recording.tensorboard ? try TensorBoardLog(folder) : nil
        let picture = try CheckpointPicture(folder, configuration, network: network, engine)
        picture.prepare()
        try onEvent(.began)
        try trainer.train(until: shouldStop) { event in
            switch event {
            case .steps(let records):
                try board?.append(records)
                try onEvent(.steps(records))
            case .checkpoint(let step, let weights):
                let file = shouldStop() ? nil : try picture.write(step: step, weights)
                try onEvent(.checkpoint(step: step, picture: file))
            }
        }
        return trainer.step
    }
}
