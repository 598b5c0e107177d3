import Compute
import Datasets
import FlowMatching
import Foundation
import Models
import Training

/// One run trained in the foreground: folder, progress, samples at checkpoints, interruption.
struct TrainingSession {
    /// What to do about a run that is there already.
    enum Opening {
        case create
        case resume
        /// Begin, resume or, where all steps are done, leave as it is.
        case continueOrCreate
    }

    private let folder: RunFolder
    private let wanted: RunConfiguration
    private let opening: Opening
    private let options: TrainingOptions
    private let data: DataOptions

    init(
        _ folder: RunFolder, _ wanted: RunConfiguration, opening: Opening, _ options: TrainingOptions,
        _ data: DataOptions
    ) {
        self.folder = folder
        self.wanted = wanted
        self.opening = opening
        self.options = options
        self.data = data
    }

    func run(on engine: @autoclosure () throws -> Engine) throws {
        let (training, testing) = try datasets()
        let network = try wanted.model.makeModel()
        try Trainer.check(network, batchSize: wanted.batchSize, against: training)
        if try isFinished() { return }
        let engine = try engine()
        try Trainer.check(batchSize: wanted.batchSize, against: engine.device)
        try openFolder()
        let trainer = try Trainer(
            folder, training: training, testing: testing, stepsPerDispatch: options.stepsPerDispatch, on: engine)
        let board = options.tensorboard ? try TensorBoardLog(folder) : nil
        Interruption.listen()
        var progress = ProgressBar(total: wanted.steps, first: trainer.step)
        var losses = RecentMean(count: 100)
        let picture = CheckpointPicture(folder, network: network, engine)
        picture.prepare()
        let interrupted = { Interruption.isRequested }
        try trainer.train(until: interrupted) { event in
            switch event {
            case .steps(let records):
                for record in records { losses.append(record.loss) }
                try board?.append(records)
                guard let last = records.last else { return }
                progress.update(last.step, describe(last, losses.mean))
            case .checkpoint(let step, let weights):
                if !Interruption.isRequested { try picture.write(step: step, weights) }
            }
        }
        report(trainer.step, losses)
    }

    private func datasets() throws -> (training: ImageDataset, testing: ImageDataset?) {
        let side = try wanted.model.makeModel().imageShape[1]
        return (try data.load(.train, side: side), wanted.validateEvery > 0 ? try data.load(.test, side: side) : nil)
    }

    /// Whether the run in the folder has all its steps and may stay as it is.
    private func isFinished() throws -> Bool {
        guard opening == .continueOrCreate, folder.exists else { return false }
        let done = folder.checkpointSteps().last ?? 0
        guard done >= wanted.steps else { return false }
        try checkSettings()
        Terminal.note("finished earlier, \(done) steps")
        return true
    }

    /// Begins the run, or takes up the one that is there.
    private func openFolder() throws {
        if opening == .create || (opening == .continueOrCreate && !folder.exists) { return try folder.create(wanted) }
        try checkSettings()
        let done = folder.checkpointSteps().last ?? 0
        guard done < wanted.steps else { throw TrainingError.alreadyFinished(steps: done, asked: wanted.steps) }
        try folder.save(wanted)
    }

    /// A run goes on with the settings it was begun with; only the number of steps may change.
    private func checkSettings() throws {
        var existing = try folder.configuration()
        let path = folder.url.relativePath
        guard existing.model == wanted.model else {
            throw TrainingError.otherModel(
                path: path, expected: describe(wanted.model), actual: describe(existing.model))
        }
        if opening == .resume { existing.steps = wanted.steps }
        guard existing == wanted else {
            throw TrainingError.otherSettings(path: path, try existing.differences(from: wanted))
        }
    }

    private func describe(_ model: ModelSpecification) -> String {
        let settings = model.configuration.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "\(model.model.title) with \(settings.joined(separator: ", "))"
    }

    private func describe(_ record: StepRecord, _ mean: Double) -> String {
        String(format: "loss %.1f  %.2f steps/s  %.0f images/s", mean, 1 / record.seconds, record.imagesPerSecond)
    }

    private func report(_ step: Int, _ losses: RecentMean) {
        if step < wanted.steps {
            Terminal.note("stopped after step \(step) and saved; continue with the same command and --resume")
        } else {
            print(String(format: "trained %d steps, mean loss of the last %d: %.2f", step, losses.count, losses.mean))
            print("run: \(folder.url.relativePath)")
        }
    }
}

/// The mean of the latest values.
struct RecentMean {
    private let capacity: Int
    private var values: [Double] = []

    init(count: Int) { capacity = count }

    mutating func append(_ value: Double) {
        values.append(value)
        if values.count > capacity { values.removeFirst() }
    }

    var count: Int { values.count }

    var mean: Double { values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count) }
}
