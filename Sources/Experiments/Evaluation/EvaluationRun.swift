public import Compute
public import Datasets
import Formats
public import Foundation
import Metrics
import Models
public import Settings
public import Training

/// The evaluation of a trained run's images: draws them, reads their features, and computes figures.
public struct EvaluationRun: Sendable {
    public let configuration: RunConfiguration
    /// Images that are drawn.
    public let count: Int
    public let guidance: Double
    private let folder: RunFolder
    private let step: Int
    private let run: SamplingRun
    private let training: LoadedDataset
    private let test: LoadedDataset
    private let features: TrainedFeatures
    private let engine: Engine

    /// What happens.
    public enum Event {
        /// So many images were found of an evaluation that was begun earlier.
        case resumed(Int)
        case drawn(Int)
        /// Real images whose features are computed, of a split of so many.
        case read(Int, of: Int, split: String)
        /// What is computed now.
        case computing(String)
    }

    /// Opens a run, its data, and the features that fit them.
    ///
    /// - Parameters:
    ///   - changes: settings of solver, guidance, time grid and sampling
    ///   - count: images to draw; at least ``leastImages``
    ///   - guidance: the scale; a network without classes has none
    ///   - features: the file of a feature network; left out, the one that comes with this program
    /// - Throws: ``TrainingError``, ``SettingsError``, ``DatasetError``, ``EvaluationError``
    public init(
        _ folder: RunFolder, changes: [Assignment] = [], checkpoint: Int? = nil, images count: Int, guidance: Double,
        features url: URL? = nil, with places: DatasetPlaces, on engine: () throws -> Engine
    ) throws {
        guard count >= EvaluationRun.leastImages else {
            throw EvaluationError.tooFewImages(count, least: EvaluationRun.leastImages, what: "generated")
        }
        self.folder = folder
        self.count = count
        let engine = try engine()
        run = try SamplingRun(folder, changes: changes, checkpoint: checkpoint, on: { engine })
        self.engine = engine
        configuration = run.configuration
        self.guidance = run.network.classCount == 0 ? 1 : guidance
        step = checkpoint ?? folder.checkpointSteps().last ?? 0
        let side = run.network.imageShape[1]
        training = try configuration.data.load(.train, side: side, places)
        test = try configuration.data.load(.test, side: side, places)
        features = try TrainedFeatures(
            for: training.identity, url, in: SetUpFolder.url.appendingPathComponent("features"), on: engine)
    }

    /// Fewer images have no covariance of features to speak of.
    public static let leastImages = QualityMeasurement.leastImages

    /// What the images are drawn with, for people and for the file.
    public var settings: [String: String] {
        let groups = ["solver", "time_grid", "guidance", "sampling"]
        var settings = ["checkpoint": "\(step)", "images": "\(count)", "guidance.scale": "\(guidance)"]
        for setting in configuration.flattened()
        where groups.contains(setting.key.split(separator: ".").first.map(String.init) ?? "") {
            settings[setting.key] = "\(setting.value)"
        }
        return settings
    }

    /// The name of this evaluation's files in the run's folder `evaluations`.
    private var fileName: String {
        let rows = settings.filter { $0.key != "images" }.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return FeatureFileName.text(of: (rows + [features.identity.checksum]).joined(separator: " "))
    }

    private func file(_ suffix: String) -> URL {
        folder.url.appendingPathComponent("evaluations/\(fileName)\(suffix)")
    }

    /// Draws what is not drawn yet, and computes the figures.
    ///
    /// - Parameter shouldStop: asked after every batch; what is drawn is kept, and the same evaluation goes on with it
    /// - Returns: nil where it was stopped.
    public func evaluate(
        until shouldStop: () -> Bool = { false }, onEvent: (Event) -> Void
    ) throws -> Evaluation? {
        let extractor = try FeatureExtractor(features.network, weights: features.weights, on: engine)
        guard let (rows, evaluations) = try draw(extractor, until: shouldStop, onEvent) else { return nil }
        let references = ReferenceSets(extractor: extractor, features: features.identity)
        func reference(_ data: LoadedDataset) throws -> ImageSet {
            try references.set(of: data) { onEvent(.read($0, of: data.images.count, split: data.identity.split)) }
        }
        let measurement = try QualityMeasurement(
            training: reference(training), test: reference(test), features.identity, training.identity, on: engine)
        let indices = Array(0..<count)
        let generated = ImageSet(
            features: rows.features, scores: rows.scores, labels: labels, name: "generated images"
        ).part(indices, named: "generated images")
        let quality = try measurement.figures(of: generated) { onEvent(.computing($0)) }
        onEvent(.computing("floor"))
        let floor = try floor(measurement)
        if shouldStop() { return nil }
        onEvent(.computing("pictures"))
        try writePictures(generated, measurement)
        return Evaluation(settings: settings, quality: quality, floor: floor, evaluationsPerImage: evaluations)
    }

    /// The labels of the images; nil where the network knows none.
    private var labels: [Int]? {
        let classes = run.network.classCount
        return classes == 0 ? nil : (0..<count).map { $0 % classes }
    }

    /// Images between two savings of the features.
    private static let savedTogether = 1_000

    private func draw(
        _ extractor: FeatureExtractor, until shouldStop: () -> Bool, _ onEvent: (Event) -> Void
    ) throws -> (FeatureRows, evaluations: Int)? {
        var rows = FeatureRows(
            file(".safetensors"), identity: fileName, classCount: features.network.classCount)
        if rows.count > 0 { onEvent(.resumed(min(rows.count, count))) }
        var evaluations = try run.evaluationsPerImage(guidance: guidance)
        var saved = rows.count
        while rows.count < count {
            let size = min(EvaluationRun.savedTogether, count - rows.count)
            let selection = SampleSelection(
                nil, count: size, first: rows.count, classCount: max(1, run.network.classCount))
            let summary = try run.draw(selection, guidance: guidance) { sets in
                rows.append(try extractor(PixelRange.quantized(sets[sets.count - 1])))
                onEvent(.drawn(rows.count))
            }
            evaluations = summary.evaluations
            try rows.write()
            saved = rows.count
            if shouldStop() && rows.count < count { return nil }
        }
        if saved != rows.count { try rows.write() }
        return (rows, evaluations)
    }

    /// Real images in place of generated ones, as many as there are.
    private func floor(_ measurement: QualityMeasurement) throws -> Evaluation.Floor {
        var draws = Draws(seed: 1)
        let training = measurement.training
        let some = Array(training.indices.shuffled(using: &draws).prefix(count))
        let halves = measurement.test.indices.shuffled(using: &draws)
        let half = halves.count / 2
        return Evaluation.Floor(
            training: try measurement.figures(of: training.part(some, named: "training images")),
            halvesOfTest: measurement.distance(
                between: measurement.test.part(Array(halves[..<half]), named: "half of the test split"),
                and: measurement.test.part(Array(halves[half...]), named: "the other half")))
    }
}
