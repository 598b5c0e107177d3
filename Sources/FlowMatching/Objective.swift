public import NN
public import Tracing

/// Squared error of the velocity, summed over an image and averaged over the batch: the conditional flow-matching
/// loss (Lipman et al. 2023, eq. 9).
public func flowMatchingLoss(predicted: Tensor, velocity: Tensor) -> Tensor {
    (predicted - velocity).squared().sum() / Double(velocity.shape[0])
}

/// Replaces each label by the null label with some probability, so that one network learns the conditional and the
/// unconditional field (Ho and Salimans 2022).
public struct LabelDropout: Sendable {
    public let probability: Double

    public init(probability: Double) { self.probability = probability }

    /// - Parameter labels: (batch) int32
    public func callAsFunction(_ labels: Tensor, nullLabel: Int, _ random: RandomStream) -> Tensor {
        guard probability > 0 else { return labels }
        return random.bernoulli(probability, labels.shape).select(Tensor(integer: nullLabel), labels)
    }
}

/// The training objective of one batch of data.
public struct FlowMatchingObjective: Sendable {
    public let path: GaussianPath<LinearScheduler>
    public let labelDropout: LabelDropout

    public init(labelDropout: Double) {
        path = GaussianPath(LinearScheduler())
        self.labelDropout = LabelDropout(probability: labelDropout)
    }

    /// The loss of a network on data (batch, channels, height, width) in [-1, 1] with labels (batch).
    ///
    /// Noise, times and dropped labels are drawn from `random`.
    public func loss(
        _ network: some VelocityField, data: Tensor, labels: Tensor, _ random: RandomStream, _ context: Context
    ) -> Tensor {
        let sample = path.sample(
            data: data, noise: random.stream("noise").normal(data.shape).splitAcrossDevices(),
            time: random.stream("time").uniform([data.shape[0]]).splitAcrossDevices())
        let kept = labelDropout(labels, nullLabel: network.nullLabel, random.stream("label dropout"))
            .splitAcrossDevices()
        let predicted = network(sample.x, at: sample.time, labels: kept, context)
        return flowMatchingLoss(predicted: predicted, velocity: sample.velocity)
    }
}
