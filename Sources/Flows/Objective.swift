public import NN
public import Tensors

/// Squared error, summed over an image and averaged over the batch (Lipman et al. 2023, eq. 9).
///
/// - Parameters:
///   - output: of the network, (batch, ...)
///   - target: of the shape of `output`
///   - weights: of the images, (batch, 1, ...); nil for 1
public func flowMatchingLoss(output: Tensor, target: Tensor, weights: Tensor? = nil) -> Tensor {
    let squares = (output - target).squared()
    return (weights.map { squares * $0 } ?? squares).sum() / Double(target.shape[0])
}

/// Replaces each label by the null label with some probability, so that one network learns the conditional and the
/// unconditional field (Ho and Salimans 2022).
public struct LabelDropout: Sendable {
    /// How likely a label is hidden, from 0 to 1.
    public let probability: Double

    /// - Parameter probability: that a label is hidden, from 0 to 1
    public init(probability: Double) { self.probability = probability }

    /// - Parameters:
    ///   - labels: (batch) int32
    ///   - nullLabel: what stands for "no label"
    ///   - random: a stream of its own
    public func callAsFunction(_ labels: Tensor, nullLabel: Int, _ random: RandomStream) -> Tensor {
        // Label 0 is the null label where there is no other.
        guard probability > 0, nullLabel > 0 else { return labels }
        return random.bernoulli(probability, labels.shape).select(Tensor(integer: nullLabel), labels)
    }
}

/// What a network is trained to: every scientific choice of one batch.
public struct FlowMatchingObjective: Sendable {
    /// How noise becomes data.
    public let path: any ProbabilityPath
    /// What the network's output means.
    public let prediction: any Prediction
    /// How much an error counts at each time.
    public let weighting: any Weighting
    /// How often each time is drawn.
    public let times: any TimeDistribution
    /// Whether the uniform numbers of a batch's times are one from each of equal parts of [0, 1).
    public let hasStratifiedTimes: Bool
    /// Which noise of a batch goes with which image.
    public let coupling: any Coupling
    /// How often labels are hidden.
    public let labelDropout: LabelDropout

    /// - Parameters:
    ///   - path: how noise becomes data
    ///   - prediction: what the network's output means
    ///   - weighting: how much an error counts at each time
    ///   - times: how often each time is drawn
    ///   - hasStratifiedTimes: whether a batch's times come one from each equal part of the distribution
    ///   - coupling: which noise goes with which image
    ///   - labelDropout: how often labels are hidden
    public init(
        path: any ProbabilityPath, prediction: any Prediction, weighting: any Weighting, times: any TimeDistribution,
        hasStratifiedTimes: Bool = false, coupling: any Coupling, labelDropout: LabelDropout
    ) {
        self.path = path
        self.prediction = prediction
        self.weighting = weighting
        self.times = times
        self.hasStratifiedTimes = hasStratifiedTimes
        self.coupling = coupling
        self.labelDropout = labelDropout
    }

    /// The loss of a network on data (batch, channels, height, width) in [-1, 1] with labels (batch).
    ///
    /// Noise, times (held inside those at which path and prediction are regular), pairing and dropped
    /// labels are drawn from `random`.
    public func loss(
        _ network: any ConditionalNetwork, data: Tensor, labels: Tensor, _ random: RandomStream, _ context: Context
    ) -> Tensor {
        let noise = coupling.paired(
            noise: random.stream("noise").normal(data.shape), with: data, labels: labels, random.stream("coupling"))
        let stream = random.stream("time")
        let uniform = hasStratifiedTimes ? stream.stratifiedUniform(data.shape[0]) : stream.uniform([data.shape[0]])
        let point = path.point(
            data: data, noise: noise.splitAcrossDevices(),
            time: clamped(times.times(of: uniform), to: prediction.allRegularTimes(on: path)).splitAcrossDevices())
        let kept = labelDropout(labels, nullLabel: network.nullLabel, random.stream("label dropout"))
            .splitAcrossDevices()
        let output = network(point.x, at: point.time, labels: kept, context)
        return flowMatchingLoss(
            output: output, target: prediction.target(point),
            weights: weighting.weights(point.coefficients, of: prediction))
    }
}

extension RandomStream {
    /// Uniform numbers of which the i-th is from the i-th of equally many equal parts of [0, 1): a loss at such times is
    /// without the noise of which times a batch happens to have (Kingma et al. 2021, "Variational diffusion models",
    /// appendix I.1, where one number is drawn for all parts).
    package func stratifiedUniform(_ count: Int) -> Tensor {
        let numbers = uniform([count])
        // Rounding may reach 1, which no number in [0, 1) does.
        let greatest = Tensor(1 - 0x1p-24, shape: [count])
        return ((Tensor.iota([count], elementType: numbers.elementType) + numbers) / Double(count)).minimum(greatest)
    }
}
