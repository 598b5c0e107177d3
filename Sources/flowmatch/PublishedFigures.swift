import Measurements
import Training

/// What the reference experiment (`michaelbzhu/mnist_flow_matching`) published for one of its networks.
struct PublishedFigures: Equatable {
    let parameterCount: Int
    /// The mean loss of the last 500 of 5,000 steps.
    let meanLossOfLast500: Double
    /// The loss of the last step.
    let lastLoss: Double
    let trainingStepsPerSecond: Double
    /// Sampling ``samplingImages`` images.
    let samplingStepsPerSecond: Double

    /// The setting in which the figures were made.
    static let data = "mnist"
    static let steps = 5_000
    static let batchSize = 250
    static let learningRate = 1e-3
    static let labelDropout = 0.1
    static let samplingImages = 110

    static let reference = Reference(
        name: "published",
        note: "The published figures are those of the PyTorch repository michaelbzhu/mnist_flow_matching.")

    var trainingImagesPerSecond: Double { trainingStepsPerSecond * Double(Self.batchSize) }

    /// The figures of the network of this name (UNet, DiT or Mamba, in any case); `nil` for any other.
    init?(network: String) {
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

    /// What differs from the published setting, each a short phrase; empty for a run whose losses may be held against
    /// the published ones.
    func differences(of configuration: RunConfiguration, stepsRun: Int, parameterCount: Int) -> [String] {
        var differences: [String] = []
        func compare(_ what: String, _ value: String, _ expected: String) {
            if value != expected { differences.append("\(what) \(value), published \(expected)") }
        }
        compare("data set", configuration.data, Self.data)
        compare("steps", DecimalText.grouped(stepsRun), DecimalText.grouped(Self.steps))
        compare("batch size", "\(configuration.batchSize)", "\(Self.batchSize)")
        compare("learning rate", "\(configuration.optimizer.learningRate)", "\(Self.learningRate)")
        compare("null-label probability", "\(configuration.labelDropout)", "\(Self.labelDropout)")
        compare("warm-up steps", "\(configuration.optimizer.warmupSteps)", "0")
        compare("cosine decay to step", "\(configuration.optimizer.decaySteps)", "0")
        compare("weight decay", "\(configuration.optimizer.weightDecay)", "0.0")
        compare("gradient clipping norm", "\(configuration.optimizer.gradientClip)", "0.0")
        compare("parameters", DecimalText.grouped(parameterCount), DecimalText.grouped(self.parameterCount))
        return differences
    }
}
