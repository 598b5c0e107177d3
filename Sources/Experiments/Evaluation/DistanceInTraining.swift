import Compute
import Datasets
import Flows
import Foundation
import Models
import NN
import Quality
import Sampling
import StableHLO
import Tensors
import Training

/// How far the images of a run that is being trained are from the test images, cheaply: the Frechet distance of few images,
/// drawn without guidance by few steps of the run's solver, from the same noise each time.
struct DistanceInTraining {
    /// What it needs to be compiled, features apart.
    let computations: [Computation]
    private let configuration: RunConfiguration
    private let network: any ConditionalNetwork
    private let times: [Double]
    private let sampler: Sampler
    private let extractor: FeatureExtractor
    private let reference: FrechetDistance.Reference

    /// - Parameter data: of the training images
    /// - Throws: ``EvaluationError`` where no features were trained on such images, or the test split is too small.
    init(
        _ configuration: RunConfiguration, _ network: any ConditionalNetwork, _ test: LoadedDataset,
        trainedOn data: DatasetIdentity, on engine: Engine
    ) throws {
        self.configuration = configuration
        self.network = network
        times = configuration.timeGrid.times(steps: configuration.recording.pictureSteps)
        let features = try TrainedFeatures(for: data, nil, in: TrainedFeatures.folder, on: engine)
        extractor = try FeatureExtractor(features.network, weights: features.weights, on: engine)
        let set = try ReferenceSets(extractor: extractor, features: features.identity).set(of: test) { _ in }
        let least = QualityMeasurement.leastImages
        guard set.count >= least else { throw EvaluationError.tooFewImages(set.count, least: least, what: set.name) }
        reference = .init(Moments(set.features))
        sampler = try Sampler(
            configuration.velocityField(of: network), guidance: ClassifierFreeGuidance(),
            solver: configuration.solver, weaker: nil, on: engine)
        computations = sampler.computations(count: SamplingRun.batchSize, guidance: 1, times: times)
    }

    /// The distance of the images that weights draw.
    ///
    /// - Parameter shouldStop: asked before each batch, and while programs are compiled
    /// - Returns: nil where it was stopped
    func callAsFunction(of weights: [DeviceArray], until shouldStop: () -> Bool) throws -> Double? {
        let (count, size) = (configuration.recording.evaluateSamples, SamplingRun.batchSize)
        guard try sampler.compiles(count: size, guidance: 1, times: times, until: shouldStop) else { return nil }
        let pixels = network.imageShape.reduce(1, *)
        var features = FeatureSet([], dimensions: FeatureNetwork.dimensions)
        for first in stride(from: 0, to: count, by: size) {
            if shouldStop() { return nil }
            // The last batch is filled up, so that it needs no program of its own.
            let request = SamplingRequest(
                labels: (first..<first + size).map { $0 % max(1, network.classCount) }, guidance: 1,
                noise: .numbered(from: first))
            let images = try sampler.sample(request, weights: weights, times: times, seed: 0).images
            let own = images.prefix(min(size, count - first) * pixels)
            features.append(try extractor(PixelRange.quantized(Array(own))).features)
        }
        return reference.distance(of: Moments(features))
    }
}
