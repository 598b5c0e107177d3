public import Compute
public import Datasets
import Flows
import Formats
public import Foundation
import NN
public import Quality
import Sampling
public import Settings
import StableHLO
import Tensors
public import Training

/// The likelihood that a trained run gives to images of its test split.
///
/// An image is one of bytes at the network's size: a split of other images is resized as for training, and what is
/// evaluated are the resized images. Uniform noise makes them points of a density (``UniformDequantization``), which is the
/// integral of the divergence along the way to the noise (``LogDensity``). No guidance: the field is the network's own.
public struct LikelihoodRun: Sendable {
    /// The run's settings, with the changes.
    public let configuration: RunConfiguration
    private let run: SamplingRun
    private let images: ImageDataset
    /// What the images are of.
    private let split: DatasetIdentity
    private let originalSize: String
    private let originalPixels: Int?
    private let list: LikelihoodList

    /// What happens.
    public enum Event {
        /// So many images were found in the list that was begun earlier.
        case resumed(Int)
        /// A batch has got so far: images done, and the time of the images that are on their way, from 1 to 0.
        case progress(images: Int, time: Double)
    }

    /// What came of it.
    public struct Summary: Sendable {
        /// Of all images, in bits an entry.
        public let bitsPerDimension: Estimate
        /// In nats an image, of the density of points; the scaling of bytes is not part of it.
        public let logDensity: Estimate
        /// The error of an image's log-density that comes from the random vectors, in nats: the root mean square over images;
        /// nil where there is one vector, or none is random.
        public let probeError: Double?
        /// How many images are done.
        public let images: Int
        /// Images that were to be evaluated.
        public let wanted: Int
        /// Entries of an image.
        public let dimensions: Int
        /// The size that the images had before they were resized, such as "28 x 28".
        public let originalSize: String
        /// The entries that they had; nil where they were of several sizes.
        public let originalDimensions: Int?
        /// How often the network was evaluated for an image of the last batch; nil where nothing was left to do.
        public let evaluations: Int?
        /// Wall time of all of them.
        public let seconds: Double
        /// Images that these seconds were for.
        public let imagesNow: Int
    }

    /// Images computed at once.
    private static let batchSize = 50

    /// Opens a run, its data, and the list of an earlier evaluation that is to go on.
    ///
    /// - Parameters:
    ///   - folder: of the run
    ///   - changes: settings of likelihood, divergence, solver, time grid and sampling. The solver is ``DormandPrince`` where
    ///     they name none.
    ///   - checkpoint: the step whose checkpoint to use; left out, the last that is whole
    ///   - url: the file of the list, which may follow what it is computed with
    ///   - places: where data sets are
    ///   - engine: opened once everything has been read
    /// - Throws: ``TrainingError``, ``SettingsError``, ``DatasetError``, ``LikelihoodError``
    public init(
        _ folder: RunFolder, changes: [Assignment] = [], checkpoint: Int? = nil, list url: (_ identity: String) -> URL,
        with places: DatasetPlaces, on engine: () throws -> Engine
    ) throws {
        run = try SamplingRun(
            folder, changes: changes.withAccurateSolver, checkpoint: checkpoint, on: engine)
        configuration = run.configuration
        guard !configuration.solver.isStochastic else { throw SamplingError.freshNoise }
        let data = try configuration.data.load(.test, side: run.network.imageShape[1], from: places)
        (originalSize, originalPixels) = (data.originalSize, data.originalPixels)
        images = try data.images.prepared(for: run.network)
        try Trainer.check(run.network, batchSize: 1, against: images)
        split = data.identity
        let identity =
            (["checkpoint=\(run.step)"] + LikelihoodRun.settings(["model", "data"], of: configuration)
            + LikelihoodRun.settings(of: configuration)).joined(separator: " ")
        list = try LikelihoodList(url(identity), identity: identity)
    }

    /// What decides the numbers of the list beside the network and the images.
    private static func settings(
        _ groups: [String] = ["solver", "time_grid", "sampling", "divergence", "likelihood"],
        of configuration: RunConfiguration
    ) -> [String] {
        configuration.flattened().filter { setting in
            groups.contains(setting.group)
                && !["data.folder", "likelihood.images", "sampling.seed"].contains(setting.key)
        }
        .map { "\($0.key)=\($0.value)" }
    }

    /// Images that are evaluated.
    public var count: Int { min(configuration.likelihood.images, images.count) }

    /// Evaluates the images that the list does not have yet.
    ///
    /// - Parameters:
    ///   - state: where to write points, random vectors, labels and log-densities of the first batch, for another program to
    ///     find the same
    ///   - shouldStop: asked after every batch; what is done is in the list
    ///   - onEvent: told what happens
    public func evaluate(
        state: URL? = nil, until shouldStop: () -> Bool = { false }, onEvent: (Event) -> Void
    ) throws -> Summary {
        var rows = Array(try list.read().prefix(count))
        if !rows.isEmpty { onEvent(.resumed(rows.count)) }
        let (start, first) = (ContinuousClock.now, rows.count)
        let size = run.divisible(min(LikelihoodRun.batchSize, count))
        var evaluations: Int?
        if rows.count < count || state != nil {
            let program = try LikelihoodProgram(run, size: size)
            if let state { try program.writeState(of: batch(0, size: size), to: state) }
            while rows.count < count {
                let batch = batch(rows.count, size: size)
                let values = try program.logDensities(of: batch) { onEvent(.progress(images: rows.count, time: $0)) }
                evaluations = values.evaluations
                for (index, estimates) in values.estimates.prefix(min(size, count - rows.count)).enumerated() {
                    rows.append(
                        .init(
                            image: batch.first + index, label: Int(batch.labels[index]), estimates, program.dimensions))
                }
                try list.write(rows)
                onEvent(.progress(images: rows.count, time: 0))
                if shouldStop() { break }
            }
        }
        let errors = rows.compactMap(\.standardError)
        return Summary(
            bitsPerDimension: Estimate(meanOf: rows.map(\.bitsPerDimension)),
            logDensity: Estimate(meanOf: rows.map(\.logDensity)),
            probeError: errors.isEmpty
                ? nil : (errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)).squareRoot(),
            images: rows.count, wanted: count, dimensions: run.network.imageShape.reduce(1, *),
            originalSize: originalSize, originalDimensions: originalPixels.map { $0 * images.channels },
            evaluations: evaluations, seconds: start.secondsUntilNow,
            imagesNow: rows.count - first)
    }

    /// What came of it as a figure that says what it was made with.
    func figure(_ summary: Summary) -> LikelihoodFigure {
        LikelihoodFigure(
            summary.bitsPerDimension,
            LikelihoodFigure.Basis(
                images: summary.images, reference: "\(split.name) (\(split.split))", dataChecksum: split.checksum,
                dimensions: summary.dimensions, resize: split.resize,
                settings: LikelihoodRun.settings(of: configuration)))
    }

    /// Writes the bits per dimension of each image of the list as an array (images).
    public func writeArray(to url: URL) throws {
        let values = try list.read().prefix(count).map { Float($0.bitsPerDimension) }
        try NPY<Float>(shape: [values.count], values: values).write(to: url)
    }

    /// Images from `first` on; beyond the last, the first ones stand in.
    private func batch(_ first: Int, size: Int) -> LikelihoodProgram.Batch {
        let numbers = (first..<first + size).map { $0 % images.count }
        return LikelihoodProgram.Batch(
            first: first, bytes: numbers.flatMap { images.image(at: $0) }, labels: numbers.map { images.labels[$0] })
    }
}

extension [Assignment] {
    /// With ``DormandPrince`` in front where no solver is named: what is read off a way's end needs an exact one.
    var withAccurateSolver: [Assignment] {
        guard !contains(where: { $0.key == "solver" }) else { return self }
        return [Assignment("solver", .text(DormandPrince.name), from: "the default")] + self
    }
}
