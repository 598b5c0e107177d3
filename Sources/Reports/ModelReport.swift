/// What one model of a comparison did.
public struct ModelReport: Codable, Sendable, Equatable {
    public var name: String
    /// Where this model's configuration differs from the report's.
    public var overrides: [ReportSetting]
    public var parameterCount: Int
    public var training: TrainingMeasurement
    /// Absent where nothing was sampled.
    public var sampling: SamplingMeasurement?
    public var loss: LossReport
    /// Absent where nothing was held out.
    public var heldOut: HeldOutReport?
    /// The greatest resident memory while training, in bytes; absent where it is not known.
    public var peakMemoryBytes: Int?
    public var samples: [SampleGrid]
    /// The reference's figures for the network of this name; absent for other networks.
    public private(set) var published: PublishedFigures?
    /// Whether this run's figures may be held against the published ones.
    public private(set) var comparability: Comparability

    /// - Parameter configuration: what this model was trained with, its overrides applied; the published figures are
    ///   comparable or not by it.
    public init(
        name: String, configuration: ReportConfiguration, overrides: [ReportSetting] = [], parameterCount: Int,
        training: TrainingMeasurement, sampling: SamplingMeasurement?, loss: LossReport,
        heldOut: HeldOutReport? = nil, peakMemoryBytes: Int? = nil, samples: [SampleGrid]
    ) {
        self.name = name
        self.overrides = overrides
        self.parameterCount = parameterCount
        self.training = training
        self.sampling = sampling
        self.loss = loss
        self.heldOut = heldOut
        self.peakMemoryBytes = peakMemoryBytes
        self.samples = samples
        let published = PublishedFigures(network: name)
        self.published = published
        comparability = Comparability(
            of: configuration, stepsRun: loss.steps, parameterCount: parameterCount, with: published)
    }
}

/// How fast a model trained. Compiling is not part of the time.
public struct TrainingMeasurement: Codable, Sendable, Equatable {
    @NullIfNotFinite public private(set) var seconds: Double
    @NullIfNotFinite public private(set) var stepsPerSecond: Double
    @NullIfNotFinite public private(set) var imagesPerSecond: Double
    /// What compiling the training step took, in seconds; near zero where it came from the cache.
    @NullIfNotFinite public var compileSeconds: Double

    /// - Parameters:
    ///   - steps: the steps that the time was taken over.
    ///   - batchSize: images a step.
    public init(steps: Int, batchSize: Int, seconds: Double, compileSeconds: Double) {
        self.seconds = seconds
        stepsPerSecond = Double(steps) / seconds
        imagesPerSecond = Double(steps) * Double(batchSize) / seconds
        self.compileSeconds = compileSeconds
    }
}

/// How fast a model was sampled. Compiling is not part of the time.
public struct SamplingMeasurement: Codable, Sendable, Equatable {
    /// Images drawn together; the reference draws 110.
    public var images: Int
    /// Solver steps, each a guided velocity of all the images.
    public var steps: Int
    @NullIfNotFinite public private(set) var seconds: Double
    @NullIfNotFinite public private(set) var stepsPerSecond: Double

    public init(images: Int, steps: Int, seconds: Double) {
        self.images = images
        self.steps = steps
        self.seconds = seconds
        stepsPerSecond = Double(steps) / seconds
    }
}

/// A picture of samples: a row for each label, the last one for the null label.
public struct SampleGrid: Codable, Sendable, Equatable {
    /// The weight of classifier-free guidance.
    @NullIfNotFinite public var guidance: Double
    /// The picture's file name, which is also its key in ``ReportImages``.
    public var file: String
    public var rows: Int
    public var columns: Int

    public init(guidance: Double, file: String, rows: Int = 11, columns: Int = 10) {
        self.guidance = guidance
        self.file = file
        self.rows = rows
        self.columns = columns
    }
}
