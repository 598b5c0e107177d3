import Compute
import Flows
public import Sampling
import Training

/// Images of a run on their way from noise, taken along step by step: to be watched, left, or looked into.
public struct FormingImages: Sendable {
    private let run: SamplingRun
    private var batch: SamplingBatch
    /// The times between which steps lead.
    public let times: [Double]

    fileprivate init(_ run: SamplingRun, _ batch: SamplingBatch) {
        self.run = run
        self.batch = batch
        times = run.configuration.samplingTimes
    }

    /// Steps that were done.
    public var stepsDone: Int { batch.stepsDone }

    /// Steps of the whole way.
    public var steps: Int { times.count - 1 }

    /// Whether the way is at its end.
    public var isDone: Bool { stepsDone >= steps }

    /// Where the images are on their way, from 0 to 1.
    public var time: Double { times[stepsDone] }

    /// How often the network was evaluated for an image so far.
    public var evaluations: Int { batch.evaluations }

    /// Takes them on.
    ///
    /// - Parameter stop: the number of steps to be done then, up to ``steps``
    /// - Throws: ``SamplingError``, or what the device reports.
    public mutating func advance(to stop: Int) throws {
        try run.sampler.advance(&batch, weights: run.weights, to: stop, along: times)
    }

    /// Takes several on by the same steps, computed as one batch: each becomes what it would have become alone, but for
    /// rounding.
    ///
    /// - Parameters:
    ///   - group: of which each ``joins(_:)`` the first
    ///   - stop: the number of steps to be done then, up to ``steps``
    /// - Throws: ``SamplingError``, or what the device reports.
    public static func advance(_ group: inout [FormingImages], to stop: Int) throws {
        guard let first = group.first else { return }
        var batches = group.map(\.batch)
        try first.run.sampler.advance(together: &batches, weights: first.run.weights, to: stop, along: first.times)
        for index in group.indices { group[index].batch = batches[index] }
    }

    /// Whether these images and others can be taken on as one batch: of the same weights and solver, as many, as far on
    /// their way along the same times.
    public func joins(_ others: FormingImages) -> Bool {
        times == others.times && run.sampler.joins(batch, others.batch, sampler: others.run.sampler)
    }

    /// Whether the programs are compiled that take so many such images on as one batch.
    public func isPrepared(toJoin count: Int) -> Bool {
        run.sampler.isPrepared(toJoin: count, of: batch, along: times)
    }

    /// Compiles the programs that take so many such images on as one batch.
    public func prepare(toJoin count: Int) throws {
        try run.sampler.prepare(toJoin: count, of: batch, along: times)
    }

    /// As they are now: values in [-1, 1] and beyond, row-major (count, channels, height, width).
    public func images() throws -> [Float] { try batch.images() }

    /// Where they are heading now.
    public func outlook() throws -> Outlook {
        try run.sampler.outlook(of: batch, weights: run.weights, at: time)
    }
}

extension SamplingRun {
    /// What the guided field says of any points.
    ///
    /// - Parameters:
    ///   - points: row-major (count, channels, height, width)
    ///   - labels: one for each point
    ///   - guidance: one scale for each point
    ///   - time: from 0, all noise, to 1
    /// - Throws: ``SamplingError/freshNoise`` for a stochastic solver, or what the device reports.
    public func outlook(of points: [Float], labels: [Int], guidance: [Double], at time: Double) throws -> Outlook {
        let request = SamplingRequest(labels: labels, guidance: guidance, noise: .given(points))
        let batch = try sampler.begin(request, seed: configuration.sampling.seed)
        return try sampler.outlook(of: batch, weights: weights, at: time)
    }

    /// Begins images, all at once.
    ///
    /// - Parameters:
    ///   - labels: one for each image
    ///   - guidance: one scale for each image
    ///   - noise: left out, that of the first images of the run's seed
    /// - Throws: ``SamplingError``, or what the device reports.
    public func forming(
        labels: [Int], guidance: [Double], noise: StartingNoise = .numbered(from: 0)
    ) throws -> FormingImages {
        let request = SamplingRequest(labels: labels, guidance: guidance, noise: noise)
        return FormingImages(self, try sampler.begin(request, seed: configuration.sampling.seed))
    }

    /// Noises images to the time at which some steps are done, to flow on from there.
    ///
    /// - Parameters:
    ///   - labels: one an image
    ///   - guidance: the scale of each image
    ///   - noise: what the images are noised by
    ///   - images: one for each label, row-major (count, channels, height, width)
    ///   - step: from 0, all noise, to the number of steps, the images themselves
    /// - Throws: ``SamplingError``, or what the device reports.
    public func forming(
        labels: [Int], guidance: [Double], noise: StartingNoise = .numbered(from: 0), noising images: [Float],
        at step: Int
    ) throws -> FormingImages {
        let request = SamplingRequest(labels: labels, guidance: guidance, noise: noise)
        return FormingImages(
            self,
            try sampler.begin(
                request, seed: configuration.sampling.seed, noising: images, at: step,
                along: configuration.samplingTimes))
    }
}
