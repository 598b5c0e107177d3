import Charts

/// What the reference experiment (`michaelbzhu/mnist_flow_matching`) published for one of its networks.
public struct PublishedFigures: Codable, Sendable, Equatable {
    public let parameterCount: Int
    /// The mean loss of the last 500 of 5,000 steps.
    public let meanLossOfLast500: Double
    /// The loss of the last step.
    public let lastLoss: Double
    public let trainingStepsPerSecond: Double
    /// Sampling 110 images.
    public let samplingStepsPerSecond: Double

    /// The setting in which the figures were made.
    static let dataSet = "MNIST"
    static let steps = 5_000
    static let batchSize = 250
    static let learningRate = 1e-3
    static let nullLabelProbability = 0.1
    static let samplingImages = 110

    var trainingImagesPerSecond: Double { trainingStepsPerSecond * Double(Self.batchSize) }

    /// The figures of the network of this name (UNet, DiT or Mamba, in any case); `nil` for any other.
    public init?(network: String) {
        switch network.lowercased() {
        case "unet": self.init(1_233_325, 131.15, 128.392, 15.15, 66.4)
        case "dit": self.init(16_888_528, 123.94, 116.635, 14.30, 72.1)
        case "mamba": self.init(4_233_360, 154.31, 149.288, 17.38, 113.3)
        default: return nil
        }
    }

    private init(_ parameters: Int, _ mean: Double, _ last: Double, _ training: Double, _ sampling: Double) {
        parameterCount = parameters
        meanLossOfLast500 = mean
        lastLoss = last
        trainingStepsPerSecond = training
        samplingStepsPerSecond = sampling
    }
}

/// Whether a run's losses may be held against the published ones, and if not, why not.
public struct Comparability: Codable, Sendable, Equatable {
    public let isComparable: Bool
    /// What differs from the published setting, each a short phrase; empty for a comparable run.
    public let reasons: [String]

    init(
        of configuration: ReportConfiguration, stepsRun: Int, parameterCount: Int, with published: PublishedFigures?
    ) {
        guard let published else {
            isComparable = false
            reasons = ["no figures are published for this network"]
            return
        }
        var reasons: [String] = []
        func compare(_ what: String, _ value: String, _ expected: String) {
            if value != expected { reasons.append("\(what) \(value), published \(expected)") }
        }
        if configuration.dataSet.lowercased() != PublishedFigures.dataSet.lowercased() {
            compare("data set", configuration.dataSet, PublishedFigures.dataSet)
        }
        compare("steps", DecimalText.grouped(stepsRun), DecimalText.grouped(PublishedFigures.steps))
        compare("batch size", "\(configuration.batchSize)", "\(PublishedFigures.batchSize)")
        compare("learning rate", "\(configuration.learningRate)", "\(PublishedFigures.learningRate)")
        compare(
            "null-label probability", "\(configuration.nullLabelProbability)",
            "\(PublishedFigures.nullLabelProbability)")
        compare("parameters", DecimalText.grouped(parameterCount), DecimalText.grouped(published.parameterCount))
        self.reasons = reasons
        isComparable = reasons.isEmpty
    }
}
