import Basis
public import Compute
public import Datasets
import Flows
public import Foundation
import NN
import Quality
import StableHLO
import Tensors
import Training

/// Trains a feature network on a data set: the same weights, bit for bit, wherever processors compute alike.
public struct FeatureTraining: Sendable {
    /// What the network of features is trained to classify.
    public let data: any DatasetSource
    /// Pixels a side.
    public let side: Int
    /// How often each training image is seen.
    public let epochs: Int

    /// What happens.
    public enum Event {
        /// Something happened while images were read.
        case data(DatasetEvent)
        /// Everything is compiled; so many steps follow.
        case began(steps: Int)
        /// Steps done, and the mean loss of the last ones, in nats.
        case step(Int, loss: Double)
    }

    /// What came of it.
    public struct Outcome: Sendable {
        /// The share of test images whose class is read.
        public let testAccuracy: Double
        /// Wall time.
        public let seconds: Double
        /// What tells these features from others.
        public let identity: TrainedFeatures.Identity
    }

    private static let batchSize = 100
    private static let seed: UInt64 = 1
    private static let stepsPerDispatch = 20

    /// - Parameters:
    ///   - data: what the network learns to classify
    ///   - side: of the images; those of the runs that are to be evaluated
    ///   - epochs: how often each image is taken, on the average
    public init(_ data: any DatasetSource, side: Int = 32, epochs: Int = 10) {
        self.data = data
        self.side = side
        self.epochs = epochs
    }

    /// Trains and writes a file of weights.
    ///
    /// - Throws: ``DatasetError``, ``EvaluationError/tooFewClasses(_:)``
    public func train(
        to url: URL, with places: DatasetPlaces, on engine: () throws -> Engine, onEvent: (Event) -> Void
    ) throws -> Outcome {
        let training = try data.load(.train, side: side, from: places) { onEvent(.data($0)) }
        let testing = try data.load(.test, side: side, from: places) { onEvent(.data($0)) }
        let images = training.images
        guard images.classCount > 1 else { throw EvaluationError.tooFewClasses(training.identity) }
        let engine = try engine()
        let start = ContinuousClock.now
        let network = FeatureNetwork(imageShape: images.imageShape, classCount: images.classCount)
        let batchSize = min(FeatureTraining.batchSize, images.count)
        let steps = epochs * max(1, images.count / batchSize)
        let step = try TrainingStep(ParameterTree(of: network), FeatureTraining.update(steps: steps))
        let program = try TrainingProgram(
            step, imageShape: images.imageShape, augmentation: FeatureTraining.augmentation, imageCount: images.count,
            batchSize: batchSize, on: engine
        ) { batch, _, context in network.loss(batch.data, labels: batch.labels, context) }
        let arrays = try DeviceDataset(images, on: engine.device).arrays
        let seed = try DeviceArray([FeatureTraining.seed], TensorType([], .uint64), on: engine.device)
        var state = try TrainingState(step.layout, seed: FeatureTraining.seed, on: engine)
        onEvent(.began(steps: steps))
        var done = 0
        while done < steps {
            let count = min(FeatureTraining.stepsPerDispatch, steps - done)
            let metrics = try program(&state, arrays, seed: seed, count: count)
            done += count
            let loss = metrics.reduce(0) { $0 + Double($1.loss) } / Double(count)
            guard loss.isFinite else { throw EvaluationError.featuresDiverged(step: done) }
            onEvent(.step(done, loss: loss))
        }
        let weights = try state.weights(averaged: true)
        let scores = try FeatureExtractor(network, weights: weights, on: engine)(testing.images.images).scores
        let right = zip(scores.classes, testing.images.labels).count { $0 == Int($1) }
        let accuracy = Double(right) / Double(testing.images.count)
        try TrainedFeatures.write(weights, of: network, data: training.identity, testAccuracy: accuracy, to: url)
        return Outcome(
            testAccuracy: accuracy, seconds: start.secondsUntilNow,
            identity: try TrainedFeatures(url, on: engine).identity)
    }

    private static var augmentation: Augmentation {
        var augmentation = Augmentation()
        augmentation.translation = 2
        return augmentation
    }

    private static func update(steps: Int) -> WeightUpdate {
        var optimizer = AdamW()
        optimizer.learningRate = 2e-3
        optimizer.weightDecay = 0.02
        var schedule = CosineSchedule()
        schedule.warmupSteps = min(200, steps / 10)
        return WeightUpdate(
            optimizer: optimizer, schedule: schedule, average: ExponentialAverage(),
            clipping: GradientClipping(norm: 0), totalSteps: steps)
    }
}
