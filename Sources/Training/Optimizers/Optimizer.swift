public import Settings
public import Tensors

/// How gradients move weights. When the learning rate changes, how gradients are clipped and what is averaged is not its
/// business.
public protocol Optimizer: SettingKind {
    /// The learning rate at its highest; a ``LearningRateSchedule`` says when.
    var learningRate: Double { get set }

    /// Names, in a checkpoint, of the arrays that are kept for each trained weight, all 0 at first.
    static var stateNames: [String] { get }

    /// Moves all weights by one step, and what goes with them.
    ///
    /// - Parameters:
    ///   - weights: what moves
    ///   - step: steps done before, a float32 scalar
    ///   - learningRate: of this step, a scalar
    ///   - averageDecay: of the moving averages this step, a scalar
    func update(
        _ weights: MovingWeights, step: Tensor, learningRate: Tensor, averageDecay: Tensor
    ) -> MovingWeights
}

/// The kinds of optimizer.
public enum Optimizers {
    /// All kinds, in the order of the manual.
    public static let registry = Registry<any Optimizer>(
        "How gradients move the weights.",
        [
            Adam(),
            AdamW(),
            NAdam(),
            StochasticGradientDescent(),
        ])
}

/// The trained weights and what moves with them, one of each a weight.
///
/// Averages move in the same pass as the weights, average += (weight - average) (1 - decay), because a pass over all
/// weights costs as much as the arithmetic.
public struct MovingWeights {
    /// The weights.
    public var values: [Tensor]
    /// What the loss changes by with each weight.
    public var gradients: [Tensor]
    /// One list for each of the optimizer's ``Optimizer/stateNames``.
    public var states: [[Tensor]]
    /// Empty where none are kept.
    public var averages: [Tensor]

    /// One of each a weight.
    public init(values: [Tensor], gradients: [Tensor], states: [[Tensor]], averages: [Tensor]) {
        self.values = values
        self.gradients = gradients
        self.states = states
        self.averages = averages
    }

    /// Moves the averages towards the values.
    public mutating func moveAverages(decay: Tensor) {
        averages = zip(averages, values).map { average, value in average + (value - average) * (1 - decay) }
    }
}

/// Scales gradients down together to a norm.
public struct GradientClipping: Sendable {
    /// 0 leaves gradients as they are.
    public let norm: Double

    /// - Parameter norm: the largest; 0 leaves gradients as they are
    public init(norm: Double) { self.norm = norm }

    /// The gradients, and the Euclidean norm that they had together.
    public func callAsFunction(_ gradients: [Tensor]) -> (gradients: [Tensor], norm: Tensor) {
        let squares = gradients.map { $0.squared().sum() }
        let total = sqrt(squares.dropFirst().reduce(squares[0], +))
        guard norm > 0 else { return (gradients, total) }
        let factor = (norm / (total + 1e-6)).minimum(Tensor(1))
        return (gradients.map { $0 * factor }, total)
    }
}
