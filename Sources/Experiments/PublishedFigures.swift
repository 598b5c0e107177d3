import Datasets
import Measurements
import Settings
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

    /// Images a step of the training.
    static let batchSize = RunConfiguration().training.batchSize
    /// Images drawn together.
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
    ///
    /// The published setting is the defaults'. Seed and average leave the losses what they are, and so does precision
    /// but for rounding. Which images they are losses on is told by the images' checksum, wherever they came from.
    func differences(
        of configuration: RunConfiguration, data: DatasetIdentity?, stepsRun: Int, parameterCount: Int
    ) -> [String] {
        let free = ["training.seed", "training.precision", "training.steps", "data"]
        var differences = configuration.differences(from: configuration.reference).filter {
            $0.declaration.role == .science && !free.contains($0.key)
                && !["average", "data."].contains(where: $0.key.hasPrefix)
        }.map { "\($0.key) \($0.value), published \($0.otherValue)" }
        if let data, data.checksum != MNIST.trainingChecksum {
            differences.insert("images of \(data.name) (checksum \(data.shortChecksum)), published MNIST", at: 0)
        } else if data == nil {
            differences.insert("images that were not recorded, published MNIST", at: 0)
        }
        let steps = RunConfiguration().training.steps
        if stepsRun != steps {
            differences.append(
                "steps \(DecimalText.grouped(stepsRun)), published \(DecimalText.grouped(steps))")
        }
        if parameterCount != self.parameterCount {
            differences.append(
                "parameters \(DecimalText.grouped(parameterCount)), published \(DecimalText.grouped(self.parameterCount))"
            )
        }
        return differences
    }
}
