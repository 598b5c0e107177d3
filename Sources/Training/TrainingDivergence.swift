/// What of a training is not finite any more.
public enum TrainingDivergence: Error, Equatable, Sendable, CustomStringConvertible {
    /// The loss of a batch.
    case loss(Double)
    /// The Euclidean norm of all gradients; the loss beside it is finite.
    case gradientNorm(Double, loss: Double)
    /// The loss of images that training never sees.
    case heldOutLoss(Double)
    /// An array of the state: weights, their average or what the optimizer keeps.
    case state(array: String)

    public var description: String {
        switch self {
        case .loss(let value): "the loss is \(TrainingDivergence.text(value))"
        case .gradientNorm(let value, let loss):
            "the gradients' norm is \(TrainingDivergence.text(value)), the loss \(loss)"
        case .heldOutLoss(let value): "the held-out loss is \(TrainingDivergence.text(value))"
        case .state(let array): "the array \(array) holds values that are not finite"
        }
    }

    private static func text(_ value: Double) -> String {
        value.isNaN ? "not a number" : value.isInfinite ? "infinite" : "\(value)"
    }

    /// What of a step's metrics is not finite, if anything.
    package init?(_ record: StepRecord) {
        let heldOut = [record.validationLoss, record.validationLossAveraged].compactMap { $0 }
        if !record.loss.isFinite {
            self = .loss(record.loss)
        } else if !record.gradientNorm.isFinite {
            self = .gradientNorm(record.gradientNorm, loss: record.loss)
        } else if let bad = heldOut.first(where: { !$0.isFinite }) {
            self = .heldOutLoss(bad)
        } else {
            return nil
        }
    }
}
