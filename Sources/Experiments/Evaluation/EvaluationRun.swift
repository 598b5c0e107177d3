public import Compute
public import Datasets
import Flows
import Formats
public import Foundation
import Quality
public import Settings
import StableHLO
import Tensors
public import Training

/// The evaluation of a trained run's images: draws them, reads their features, and computes figures.
public struct EvaluationRun: Sendable {
    /// The run's settings, with the changes.
    public let configuration: RunConfiguration
    /// Images that are drawn.
    public let count: Int
    /// The guidance scale: the run's own until ``guided(by:)`` names another.
    public private(set) var guidance: Double
    /// How often images are drawn anew from those that were drawn, for the intervals.
    private let resamplings: Int
    /// Of the run.
    public let folder: RunFolder
    private let run: SamplingRun
    private let training: LoadedDataset
    private let test: LoadedDataset
    private let features: TrainedFeatures
    private let engine: Engine
    private let likelihood: LikelihoodRun?

    /// What happens.
    public enum Event {
        /// So many images were found of an evaluation that was begun earlier.
        case resumed(Int)
        /// So many images have been drawn.
        case drawn(Int)
        /// Real images whose features are computed, of a split of so many.
        case read(Int, of: Int, split: String)
        /// Real images whose likelihood is computed.
        case likelihood(Int, of: Int)
        /// What is computed now.
        case computing(String)
    }

    /// Opens a run, its data, and the features that fit them.
    ///
    /// - Parameters:
    ///   - folder: of the run
    ///   - changes: settings of solver, guidance, time grid and sampling
    ///   - checkpoint: the step whose checkpoint to use; left out, the last that is whole
    ///   - count: images to draw; at least ``leastImages``
    ///   - resamplings: of the images, for the intervals
    ///   - likelihoodImages: test images whose likelihood is computed, too
    ///   - url: the file of a feature network; left out, the one that comes with this program
    ///   - places: where data sets are
    ///   - engine: opened once everything has been read
    /// - Throws: ``TrainingError``, ``SettingsError``, ``DatasetError``, ``EvaluationError``, ``LikelihoodError``
    public init(
        _ folder: RunFolder, changes: [Assignment] = [], checkpoint: Int? = nil, images count: Int,
        resamplings: Int = 100, likelihoodImages: Int? = nil, features url: URL? = nil, with places: DatasetPlaces,
        on engine: () throws -> Engine
    ) throws {
        guard count >= EvaluationRun.leastImages else {
            throw EvaluationError.tooFewImages(count, least: EvaluationRun.leastImages, what: "generated")
        }
        self.folder = folder
        self.count = count
        self.resamplings = resamplings
        let engine = try engine()
        run = try SamplingRun(folder, changes: changes, checkpoint: checkpoint, on: { engine })
        self.engine = engine
        configuration = run.configuration
        guidance = run.network.classCount == 0 ? 1 : configuration.guidance.scale
        let side = run.network.imageShape[1]
        training = try configuration.data.load(.train, side: side, from: places)
        test = try configuration.data.load(.test, side: side, from: places)
        features = try TrainedFeatures(
            for: training.identity, url, in: TrainedFeatures.folder, on: engine)
        likelihood = try likelihoodImages.map { images in
            try LikelihoodRun(
                folder,
                changes: changes.filter { !EvaluationRun.drawsImages($0) }
                    + [Assignment("likelihood.images", .integer(images), from: "the number of images")],
                checkpoint: checkpoint,
                list: { EvaluationRun.file("-likelihood.csv", of: $0, in: folder) }, with: places, on: { engine })
        }
    }

    /// Whether a setting decides how images are drawn; a likelihood has a solver of its own, and knows no guidance.
    private static func drawsImages(_ assignment: Assignment) -> Bool {
        ["solver", "time_grid", "guidance"].contains(assignment.group)
            || ["sampling.steps", "sampling.seed"].contains(assignment.key)
    }

    /// The evaluation with another guidance scale. A network without classes has none but 1.
    public func guided(by scale: Double) -> EvaluationRun {
        var other = self
        if run.network.classCount > 0 { other.guidance = scale }
        return other
    }

    /// Fewer images have no covariance of features to speak of.
    package static let leastImages = QualityMeasurement.leastImages

    /// What a person should know of the run, in a sentence each.
    public var notices: [String] { run.notices }

    /// What the images are drawn with, for people and for the file.
    public var settings: [String: String] {
        var settings = [
            "checkpoint": "\(run.step)", "images": "\(count)", "guidance.scale": "\(guidance)",
            "precision": engine.loweringOptions.precision.rawValue,
        ]
        for (key, value) in assignments(of: ["solver", "time_grid", "guidance", "sampling"])
        where settings[key] == nil { settings[key] = value }
        return settings
    }

    private func assignments(of groups: Set<String>) -> [(String, String)] {
        configuration.flattened().filter { groups.contains($0.group) }
            .map { ($0.key, "\($0.value)") }
    }

    /// How often the network is evaluated for an image; nil where the solver chooses its steps.
    public var evaluationsPerImage: Int? {
        guard configuration.solver.tolerance == nil else { return nil }
        let isGuided = guidance != 1 && run.network.classCount > 0
        return (configuration.samplingTimes.count - 1) * configuration.solver.evaluationsPerStep * (isGuided ? 2 : 1)
    }

    /// Everything that decides an image's features, whatever the number of images.
    private var identity: String {
        let science = assignments(of: [
            "model", "data", "augmentation", "path", "prediction", "weighting", "times", "coupling", "optimizer",
            "schedule",
            "average", "training",
        ]).filter { $0.0 != "data.folder" }
        let rows = settings.filter { $0.key != "images" }.map { ($0.key, $0.value) } + science
        return (rows.sorted { $0.0 < $1.0 }.map { "\($0.0)=\($0.1)" } + [features.identity.checksum])
            .joined(separator: " ")
    }

    /// A file of this evaluation in the run's folder `evaluations`.
    private func file(_ suffix: String) -> URL { EvaluationRun.file(suffix, of: identity, in: folder) }

    private static func file(_ suffix: String, of identity: String, in folder: RunFolder) -> URL {
        folder.url.appendingPathComponent("evaluations/\(FeatureFileName.text(of: identity))\(suffix)")
    }

    /// Draws what is not drawn yet, and computes the figures.
    ///
    /// - Parameters:
    ///   - url: where to write the features of all sets for other programs; see ``ExportedFeatures``
    ///   - shouldStop: asked after every batch; what is drawn is kept, and the same evaluation goes on with it
    ///   - onEvent: told what happens
    /// - Returns: nil where it was stopped
    /// - Throws: ``EvaluationError``, or what files and device report
    public func evaluate(
        exportingTo url: URL? = nil, until shouldStop: () -> Bool = { false }, onEvent: (Event) -> Void
    ) throws -> Evaluation? {
        let extractor = try FeatureExtractor(features.network, weights: features.weights, on: engine)
        guard let rows = try draw(extractor, until: shouldStop, onEvent) else { return nil }
        let references = ReferenceSets(extractor: extractor, features: features.identity)
        func reference(_ data: LoadedDataset) throws -> ImageSet {
            try references.set(of: data) {
                onEvent(.read($0, of: data.images.count, split: data.identity.split))
            }
        }
        let (training, test) = (try reference(self.training), try reference(self.test))
        let generated = ImageSet(features: rows.features, scores: rows.scores, labels: labels(rows.count), name: "")
            .part(0..<count, named: "generated images")
        if let url { try ExportedFeatures(generated: generated, training: training, test: test).write(to: url) }
        if shouldStop() { return nil }
        let measurement = try QualityMeasurement(
            training: training, test: test, features.identity, self.training.identity, resamplings: resamplings,
            on: engine)
        let measured = try measurement.figures(of: generated) { onEvent(.computing($0)) }
        if shouldStop() { return nil }
        let floor = try measurement.floor(count) { onEvent(.computing($0)) }
        if shouldStop() { return nil }
        let bits = try bitsPerDimension(until: shouldStop, onEvent)
        if shouldStop() { return nil }
        onEvent(.computing("pictures"))
        let pictures = try writePictures(generated, measured.nearest)
        let evaluation = Evaluation(
            settings: settings, quality: measured.quality, floor: floor, bitsPerDimension: bits,
            evaluationsPerImage: rows.evaluations, pictures: pictures.map { "evaluations/\($0.lastPathComponent)" })
        var file = try EvaluationFile(of: folder)
        try file.record(evaluation)
        return evaluation
    }

    private func bitsPerDimension(
        until shouldStop: () -> Bool, _ onEvent: (Event) -> Void
    ) throws -> LikelihoodFigure? {
        guard let likelihood else { return nil }
        let summary = try likelihood.evaluate(until: shouldStop) { event in
            switch event {
            case .resumed(let images), .progress(let images, _): onEvent(.likelihood(images, of: likelihood.count))
            }
        }
        return likelihood.figure(summary)
    }

    /// The labels of the first images; nil where the classifier knows no such labels.
    private func labels(_ count: Int) -> [Int]? {
        let classes = run.network.classCount
        return classes == features.network.classCount ? (0..<count).map { $0 % classes } : nil
    }

    /// Images between two savings of the features.
    private static let savedTogether = 8 * SamplingRun.batchSize

    private func draw(
        _ extractor: FeatureExtractor, until shouldStop: () -> Bool, _ onEvent: (Event) -> Void
    ) throws -> FeatureRows? {
        struct Stop: Error {}
        var rows = FeatureRows(file(".safetensors"), identity: identity, classCount: features.network.classCount)
        if rows.count > 0 { onEvent(.resumed(min(rows.count, count))) }
        while rows.count < count {
            // The last images go with those before: a batch of another size would need a program of its own.
            let left = count - rows.count
            let size = left < EvaluationRun.savedTogether + SamplingRun.batchSize ? left : EvaluationRun.savedTogether
            let selection = SampleSelection(
                nil, count: size, first: rows.count, classCount: run.network.classCount)
            do {
                let summary = try run.draw(selection, guidance: guidance) { sets in
                    rows.append(try extractor(PixelRange.quantized(sets[sets.count - 1])))
                    onEvent(.drawn(rows.count))
                    if shouldStop() { throw Stop() }
                }
                rows.evaluations = max(rows.evaluations, summary.evaluations)
            } catch is Stop {
                try rows.write()
                return nil
            }
            try rows.write()
        }
        return rows
    }

    /// Draws again what the pictures show; the images themselves were not kept.
    private func writePictures(_ generated: ImageSet, _ nearest: [Neighbours.Nearest]) throws -> [URL] {
        let labels = generated.labels ?? generated.scores.classes
        let pictures = EvaluationPictures(nearest: nearest, confidences: generated.scores.confidence(in: labels))
        let selection = SampleSelection(
            numbers: pictures.numbers, labels: pictures.numbers.map { $0 % max(1, run.network.classCount) },
            seed: configuration.sampling.seed)
        let samples = try run.draw(selection, guidance: guidance)
        return try pictures.write(PixelRange.quantized(samples.images), training: training.images) {
            file("-\($0).png")
        }
    }
}
