import Flows
import Quality
import Sampling
import Training

/// The likelihood that a run gives to images of bytes, whoever made them; computed as ``LikelihoodRun`` computes that of
/// the test split.
public struct ImageLikelihood: Sendable {
    private let program: LikelihoodProgram
    /// Images at once.
    public let size: Int

    /// What is known of an image.
    public struct Value: Sendable {
        /// In nats, of the density of points.
        public let logDensity: Double
        /// In bits an entry of the image: a bound from above (``UniformDequantization``).
        public let bitsPerDimension: Double
        /// Of the log-density, from the random vectors alone, in nats; nil where there is no telling.
        public let standardError: Double?
        /// How often the network was evaluated.
        public let evaluations: Int
    }

    /// Compiles what it needs.
    ///
    /// - Parameters:
    ///   - run: whose solver, divergence and settings of likelihoods count; ``DormandPrince`` where an exact figure is wanted
    ///   - count: images at once; rounded up to what the devices can share equally
    /// - Throws: ``SamplingError/freshNoise`` for a stochastic solver, or what the device reports.
    public init(_ run: SamplingRun, count: Int) throws {
        size = run.divisible(count)
        program = try LikelihoodProgram(run, size: size)
    }

    /// The likelihoods of images.
    ///
    /// - Parameters:
    ///   - bytes: of ``size`` images, row-major (count, channels, height, width)
    ///   - labels: one each; the number of classes is "no label"
    /// - Throws: ``SamplingError/adaptiveSteps(time:)``, or what the device reports.
    public func callAsFunction(_ bytes: [UInt8], labels: [Int32]) throws -> [Value] {
        let batch = LikelihoodProgram.Batch(first: 0, bytes: bytes, labels: labels)
        let values = try program.logDensities(of: batch) { _ in }
        return values.estimates.enumerated().map { index, estimates in
            let row = LikelihoodList.Row(image: index, label: Int(labels[index]), estimates, program.dimensions)
            return Value(
                logDensity: row.logDensity, bitsPerDimension: row.bitsPerDimension, standardError: row.standardError,
                evaluations: values.evaluations)
        }
    }
}
