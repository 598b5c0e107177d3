public import Compute
public import Datasets
import Flows
public import Formats
import Sampling
public import Settings
public import Training

/// Images of a run's test split, followed to the noise that the run would make them of, and back.
public struct InversionRun: Sendable {
    /// The run's settings, with the changes.
    public let configuration: RunConfiguration
    private let run: SamplingRun
    private let images: ImageDataset

    /// What came of it.
    public struct Outcome: Sendable {
        /// Channels, height and width.
        public let imageShape: [Int]
        /// Row-major (count, channels, height, width) each.
        public let images: [Float]
        /// What each image is led to, in the shape of `images`.
        public let noise: [Float]
        /// What that noise is led back to.
        public let imagesAgain: [Float]
        /// How often the network was evaluated for an image, to the noise and back.
        public let evaluations: Int
        /// Wall time.
        public let seconds: Double

        /// The root mean square difference of each image from what came back; pixels are from -1 to 1.
        public var errors: [Double] {
            let pixels = imageShape.reduce(1, *)
            return stride(from: 0, to: images.count, by: pixels).map { first in
                let squares = (first..<first + pixels).reduce(0.0) { sum, index in
                    let difference = Double(images[index] - imagesAgain[index])
                    return sum + difference * difference
                }
                return (squares / Double(pixels)).squareRoot()
            }
        }

        /// Mean and standard deviation of all numbers of the noise; 0 and 1 if it is what images are drawn from.
        public var noiseStatistics: (mean: Double, deviation: Double) {
            let count = Double(noise.count)
            let mean = noise.reduce(0) { $0 + Double($1) } / count
            let squares = noise.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
            return (mean, (squares / count).squareRoot())
        }

        /// A row for each of the first images: the image, its noise, the image that came back.
        public func picture(rows: Int) throws -> RasterImage {
            let pixels = imageShape.reduce(1, *)
            let count = min(rows, images.count / pixels)
            let parts = (0..<count).flatMap { image in
                [images, noise.map { $0 / 3 }, imagesAgain].flatMap { $0[image * pixels..<(image + 1) * pixels] }
            }
            return try ContactSheet(rows: count, columns: 3, scale: 2)
                .image(
                    of: PixelRange.quantized(parts), channels: imageShape[0], width: imageShape[2],
                    height: imageShape[1])
        }
    }

    private static let batchSize = 64

    /// Opens a run and its data.
    ///
    /// - Parameters:
    ///   - folder: of the run
    ///   - changes: settings of solver, guidance, time grid and sampling. The solver is ``DormandPrince`` where they name none.
    ///   - checkpoint: the step whose checkpoint to use; left out, the last that is whole
    ///   - places: where data sets are
    ///   - engine: opened once everything has been read
    /// - Throws: ``TrainingError``, ``SettingsError``, ``DatasetError``, ``SamplingError/freshNoise``
    public init(
        _ folder: RunFolder, changes: [Assignment] = [], checkpoint: Int? = nil, with places: DatasetPlaces,
        on engine: () throws -> Engine
    ) throws {
        run = try SamplingRun(folder, changes: changes.withAccurateSolver, checkpoint: checkpoint, on: engine)
        configuration = run.configuration
        guard !configuration.solver.isStochastic else { throw SamplingError.freshNoise }
        images = try configuration.data.load(.test, side: run.network.imageShape[1], from: places).images
            .prepared(for: run.network)
        try Trainer.check(run.network, batchSize: 1, against: images)
    }

    /// The images that there are.
    public var available: Int { images.count }

    /// Follows the first images of the split.
    ///
    /// - Parameters:
    ///   - count: 1 to ``available``
    ///   - scale: of the guidance, there and back
    ///   - onProgress: told how many images are done
    public func invert(
        _ count: Int, guidance scale: Double, onProgress: (Int) -> Void
    ) throws -> Outcome {
        let start = ContinuousClock.now
        let inversion = try RunInversion(run, count: min(InversionRun.batchSize, count), isGuided: scale != 1)
        let size = inversion.size
        let pixels = run.network.imageShape.reduce(1, *)
        var (originals, noise, again, evaluations) = ([Float](), [Float](), [Float](), 0)
        for first in stride(from: 0, to: count, by: size) {
            // Beyond the last, the first images stand in.
            let numbers = (first..<first + size).map { $0 % images.count }
            let batch = PixelRange.normalized(numbers.flatMap { images.image(at: $0) })
            let labels = numbers.map { Int(images.labels[$0]) }
            let kept = min(size, count - first) * pixels
            let there = try inversion(batch, labels: labels, guidance: scale, .toNoise)
            let back = try inversion(there.points, labels: labels, guidance: scale, .toData)
            originals += batch.prefix(kept)
            noise += there.points.prefix(kept)
            again += back.points.prefix(kept)
            evaluations = max(evaluations, there.evaluations + back.evaluations)
            onProgress(min(first + size, count))
        }
        return Outcome(
            imageShape: run.network.imageShape, images: originals, noise: noise, imagesAgain: again,
            evaluations: evaluations, seconds: start.secondsUntilNow)
    }
}
