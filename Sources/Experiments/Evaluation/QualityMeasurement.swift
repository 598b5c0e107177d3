import Compute
import Datasets
import Foundation
import Quality

/// Measures sets of images against the splits of a data set.
struct QualityMeasurement {
    let training: ImageSet
    let test: ImageSet
    private let features: TrainedFeatures.Identity
    private let data: DatasetIdentity
    private let resamplings: Int
    private let engine: Engine
    private let distances: (training: FrechetDistance.Reference, test: FrechetDistance.Reference)
    private let testDistances: [Double]

    static let neighbours = 5
    static let kernelSubsets = 100
    private static let subsetSize = 1_000
    private static let seed: UInt64 = 20_240_229
    /// Fewer rows have no covariance of the features to speak of.
    static let leastImages = 2 * FeatureNetwork.dimensions

    /// - Throws: ``EvaluationError/tooFewImages(_:least:what:)``
    init(
        training: ImageSet, test: ImageSet, _ features: TrainedFeatures.Identity, _ data: DatasetIdentity,
        resamplings: Int, on engine: Engine
    ) throws {
        for set in [training, test] where set.count < QualityMeasurement.leastImages {
            throw EvaluationError.tooFewImages(set.count, least: QualityMeasurement.leastImages, what: set.name)
        }
        self.training = training
        self.test = test
        self.features = features
        self.data = data
        self.resamplings = resamplings
        self.engine = engine
        distances = (.init(Moments(training.features)), .init(Moments(test.features)))
        testDistances = try Neighbours(on: engine).nearest(1, to: test.features, in: training.features)
            .map { $0.distances[0] }
    }

    /// The figures of a set.
    ///
    /// - Parameter onStage: told what is computed
    func figures(of set: ImageSet, onStage: (String) -> Void) throws -> Measured {
        onStage("nearest training images")
        let nearest = try Neighbours(on: engine).nearest(1, to: set.features, in: training.features)
        let distribution = NeighbourDistances(nearest.map { $0.distances[0] }, test: testDistances)
        return Measured(
            quality: try figures(of: set, against: set, nearest: distribution, onStage: onStage), nearest: nearest)
    }

    /// What ``figures(of:onStage:)`` finds, and which training image each image is nearest to.
    struct Measured {
        let quality: ImageQuality
        let nearest: [Neighbours.Nearest]
    }

    /// The figures of real images in the place of `count` generated ones.
    func floor(_ count: Int, onStage: (String) -> Void) throws -> Evaluation.Floor {
        var draws = Draws(seed: QualityMeasurement.seed)
        func part(_ set: ImageSet) -> ImageSet {
            set.part((0..<set.count).shuffled(using: &draws).prefix(count), named: set.name)
        }
        let (someTraining, someTest) = (part(training), part(test))
        onStage("floor")
        let halves = (0..<test.count).shuffled(using: &draws)
        let second = test.part(halves.dropFirst(test.count / 2), named: "the other half of \(test.name)")
        let first = test.part(halves.prefix(test.count / 2), named: "half of \(test.name)")
        return Evaluation.Floor(
            real: try figures(of: someTraining, against: someTest, nearest: nil, onStage: { _ in }),
            halvesOfTest: frechet(first, .init(Moments(second.features)), second))
    }

    /// - Parameters:
    ///   - set: held against the test split
    ///   - other: held against the training split
    private func figures(
        of set: ImageSet, against other: ImageSet, nearest: NeighbourDistances?, onStage: (String) -> Void
    ) throws -> ImageQuality {
        onStage("Frechet distance")
        let frechet = self.frechet(set, distances.test, test)
        let frechetTrain = self.frechet(other, distances.training, training)
        onStage("kernel distance")
        let kernel = try self.kernel(set, test)
        let kernelTrain = try self.kernel(other, training)
        onStage("precision, recall, density, coverage")
        let coverage = try Coverage(
            real: test.features, generated: set.features, neighbours: QualityMeasurement.neighbours, on: engine)
        let k = basis(set, test, constants: "k = \(QualityMeasurement.neighbours)")
        func share(_ estimate: Estimate) -> Figure { Figure(estimate, by: "standard error over images", k) }
        let isRight = set.labels.map { labels in zip(set.scores.classes, labels).map { $0 == $1 ? 1.0 : 0 } }
        let own = basis(set, nil)
        return ImageQuality(
            frechet: frechet, frechetTrain: frechetTrain, kernel: kernel, kernelTrain: kernelTrain,
            precision: share(coverage.precision), recall: share(coverage.recall), density: share(coverage.density),
            coverage: share(coverage.coverage),
            accuracy: isRight.map { Figure(Estimate(meanOf: $0), by: "standard error over images", own) },
            accuracyByClass: isRight.map { byClass($0, set.labels ?? []) },
            classEntropy: resampled(set, own, \.classEntropy),
            classEntropyScore: resampled(set, own, \.classEntropyScore), nearest: nearest)
    }

    private func frechet(_ set: ImageSet, _ distance: FrechetDistance.Reference, _ reference: ImageSet) -> Figure {
        Figure(
            FrechetDistance.estimate(
                set.features, against: distance, resamplings: resamplings,
                seed: QualityMeasurement.seed),
            by: "bootstrap, \(resamplings) resamplings of the images", basis(set, reference))
    }

    private func kernel(_ set: ImageSet, _ reference: ImageSet) throws -> Figure {
        let size = min(QualityMeasurement.subsetSize, set.count, reference.count)
        let distance = try KernelDistance(subsetsOf: size, dimensions: FeatureNetwork.dimensions, on: engine)
        let distances = try distance.distances(
            between: set.features, and: reference.features, subsets: QualityMeasurement.kernelSubsets,
            seed: QualityMeasurement.seed)
        return Figure(
            distance.estimate(distances, count: min(set.count, reference.count)),
            by: "deviation over subsets, for as many as do not overlap",
            basis(set, reference, constants: "\(QualityMeasurement.kernelSubsets) subsets of \(size)"))
    }

    private func resampled(_ set: ImageSet, _ basis: Figure.Basis, _ value: (ClassScores) -> Double) -> Figure {
        var draws = Draws(seed: QualityMeasurement.seed)
        let values = (0..<resamplings).map { _ in value(set.scores.resampled(&draws)) }
        return Figure(
            Estimate(value(set.scores), standardErrorOf: values),
            by: "bootstrap, \(resamplings) resamplings of the images", basis)
    }

    private func byClass(_ isRight: [Double], _ labels: [Int]) -> [Double?] {
        (0..<test.scores.classCount).map { label in
            let own = zip(isRight, labels).filter { $0.1 == label }.map(\.0)
            return own.isEmpty ? nil : own.reduce(0, +) / Double(own.count)
        }
    }

    private func basis(_ set: ImageSet, _ reference: ImageSet?, constants: String? = nil) -> Figure.Basis {
        Figure.Basis(
            images: set.count, reference: reference?.name, referenceImages: reference?.count, features: features.name,
            featuresChecksum: features.checksum, dataChecksum: data.checksum, resize: data.resize,
            constants: constants)
    }
}
