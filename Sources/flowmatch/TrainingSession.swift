import Compute
import Datasets
import FlowMatching
import Foundation
import Models
import Sampling
import Training

/// One run trained in the foreground: folder, progress, samples at checkpoints, interruption.
struct TrainingSession {
    private let folder: RunFolder
    private let wanted: RunConfiguration
    private let resume: Bool
    private let options: TrainingOptions
    private let data: DataOptions
    private let device: DeviceOptions

    init(
        _ folder: RunFolder, _ wanted: RunConfiguration, resume: Bool, _ options: TrainingOptions,
        _ data: DataOptions, _ device: DeviceOptions
    ) {
        self.folder = folder
        self.wanted = wanted
        self.resume = resume
        self.options = options
        self.data = data
        self.device = device
    }

    func run() throws {
        let (training, testing) = try datasets()
        let network = try wanted.model.makeModel()
        guard wanted.batchSize <= training.count else {
            throw TrainingError.batchLargerThanData(batch: wanted.batchSize, data: training.count)
        }
        guard network.imageShape == [1, training.height, training.width] else {
            throw TrainingError.imageShape(model: network.imageShape, data: [1, training.height, training.width])
        }
        let engine = try device.engine()
        try openFolder()
        let trainer = try Trainer(
            folder, training: training, testing: testing, stepsPerDispatch: options.stepsPerDispatch, on: engine)
        Interruption.listen()
        var progress = ProgressBar(total: wanted.steps, first: trainer.step)
        var losses = RecentMean(count: 100)
        let picture = CheckpointPicture(folder, network: network, engine)
        try trainer.train(shouldStop: { Interruption.isRequested }) { event in
            switch event {
            case .steps(let records):
                for record in records { losses.append(record.loss) }
                guard let last = records.last else { return }
                progress.update(last.step, describe(last, losses.mean))
            case .checkpoint(let step, let weights):
                if !Interruption.isRequested { try picture.write(step: step, weights) }
            }
        }
        report(trainer.step, losses.mean)
    }

    private func datasets() throws -> (training: ImageDataset, testing: ImageDataset?) {
        let side = try wanted.model.makeModel().imageShape[1]
        return (try data.load(.train, side: side), wanted.validateEvery > 0 ? try data.load(.test, side: side) : nil)
    }

    /// Begins the run, or takes up the one that is there.
    private func openFolder() throws {
        guard resume else { return try folder.create(wanted) }
        var existing = try folder.configuration()
        let path = folder.url.path
        guard existing.model == wanted.model else {
            throw TrainingError.otherModel(
                path: path, expected: wanted.model.model.title, actual: existing.model.model.title)
        }
        let done = folder.checkpointSteps().last ?? 0
        guard done < wanted.steps else { throw TrainingError.alreadyFinished(steps: done, asked: wanted.steps) }
        existing.steps = wanted.steps
        guard existing == wanted else { throw TrainingError.otherSettings(path: path, try existing.differences(from: wanted)) }
        try folder.save(wanted)
    }

    private func describe(_ record: StepRecord, _ mean: Double) -> String {
        let rate = 1 / record.seconds
        return String(
            format: "loss %.1f  %.2f steps/s  %.0f images/s", mean, rate, record.imagesPerSecond)
    }

    private func report(_ step: Int, _ mean: Double) {
        if step < wanted.steps {
            Terminal.note(
                "stopped after step \(step) and saved; continue with the same command and --resume")
        } else {
            print(String(format: "trained %d steps, mean loss of the last 100: %.2f", step, mean))
            print("run: \(folder.url.relativePath)")
        }
    }
}

/// The mean of the latest values.
struct RecentMean {
    private let count: Int
    private var values: [Double] = []

    init(count: Int) { self.count = count }

    mutating func append(_ value: Double) {
        values.append(value)
        if values.count > count { values.removeFirst() }
    }

    var mean: Double { values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count) }
}
