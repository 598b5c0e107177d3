public import Sampling
import Training

/// A run's flow followed from any images to the noise that the run would make them of, and back: ``Inversion`` with the
/// run's weights.
public struct RunInversion: Sendable {
    private let run: SamplingRun
    private let inversion: Inversion
    /// Images at once.
    public let size: Int

    /// Compiles what it needs.
    ///
    /// - Parameters:
    ///   - run: its solver is followed, both ways
    ///   - count: images at once; rounded up to what the devices can share equally
    ///   - isGuided: whether guidance scales other than 1 count
    /// - Throws: ``SamplingError/freshNoise`` for a stochastic solver, or what the device reports.
    public init(_ run: SamplingRun, count: Int, isGuided: Bool) throws {
        self.run = run
        size = run.divisible(count)
        inversion = try Inversion(
            run.sampler, size: size, times: run.configuration.samplingTimes, isGuided: isGuided)
    }

    /// Follows points all the way.
    ///
    /// - Parameters:
    ///   - points: ``size`` of them, row-major (count, channels, height, width)
    ///   - labels: one each
    ///   - scale: of the guidance
    ///   - direction: to the noise, or from it
    /// - Returns: the points at the other end, and how often the network was evaluated for each
    /// - Throws: ``SamplingError/adaptiveSteps(time:)``, or what the device reports.
    public func callAsFunction(
        _ points: [Float], labels: [Int], guidance scale: Double, _ direction: FlowDirection
    ) throws -> (points: [Float], evaluations: Int) {
        try inversion(points, labels: labels, guidance: scale, weights: run.weights, direction)
    }
}
