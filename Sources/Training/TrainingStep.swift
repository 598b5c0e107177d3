public import NN
import StableHLO
package import Tensors

/// What one step computed besides the new state.
package struct StepOutcome {
    /// After the step.
    package let state: StateArrays<Tensor>
    /// Of the batch, a scalar.
    package let loss: Tensor
    /// Euclidean norm of all gradients together, before clipping.
    package let gradientNorm: Tensor
    /// Of this step, a scalar.
    package let learningRate: Tensor
}

/// How weights move in a step: optimizer, schedule, clipping and average.
public struct WeightUpdate: Sendable {
    /// How gradients move weights.
    public let optimizer: any Optimizer
    /// When the learning rate changes.
    public let schedule: any LearningRateSchedule
    /// What is averaged.
    public let average: any WeightAverage
    /// How far gradients may reach.
    public let clipping: GradientClipping
    /// Steps of the whole run, which a schedule may need.
    public let totalSteps: Int

    /// - Parameters:
    ///   - optimizer: how gradients move weights
    ///   - schedule: when the learning rate changes
    ///   - average: what is averaged
    ///   - clipping: how far gradients may reach
    ///   - totalSteps: of the run, for schedules that end with it
    public init(
        optimizer: any Optimizer, schedule: any LearningRateSchedule, average: any WeightAverage,
        clipping: GradientClipping, totalSteps: Int
    ) {
        self.optimizer = optimizer
        self.schedule = schedule
        self.average = average
        self.clipping = clipping
        self.totalSteps = totalSteps
    }
}

/// One step of training as a function of symbolic tensors: loss, gradients, optimizer, moving average.
public struct TrainingStep: Sendable {
    /// What the state is made of.
    public let layout: StateLayout
    /// How weights move.
    public let update: WeightUpdate

    /// - Parameters:
    ///   - tree: of the network's parameters
    ///   - update: how weights move
    public init(_ tree: ParameterTree, _ update: WeightUpdate) {
        layout = StateLayout(tree, optimizer: update.optimizer, average: update.average)
        self.update = update
    }

    /// - Parameters:
    ///   - state: before the step
    ///   - loss: a scalar, traced in training mode.
    package func callAsFunction(_ state: StateArrays<Tensor>, loss: (Context) -> Tensor) -> StepOutcome {
        let context = Context(layout.tree, values: state.values, mode: .training)
        let value = loss(context)
        let step = state.step.converted(to: .float32)
        let raw = gradients(of: value, withRespectTo: layout.trained.map { state.values[$0] })
        let (clipped, norm) = update.clipping(raw)
        let rate = update.schedule.learningRate(
            peak: update.optimizer.learningRate, after: step, of: update.totalSteps)
        let decay = update.average.decay(after: step) ?? Tensor(0)
        let moved = update.optimizer.update(
            MovingWeights(
                values: layout.trained.map { state.values[$0] }, gradients: clipped, states: state.optimizerStates,
                averages: layout.keepsAverages ? layout.trained.map { state.averages[$0] } : []),
            step: step, learningRate: rate, averageDecay: decay)

        var next = state
        next.values = context.valuesAfterCall
        if layout.keepsAverages {
            next.averages = zip(state.averages, next.values).map { average, value in
                value.elementType.isFloatingPoint ? average + (value - average) * (1 - decay) : value
            }
        }
        for (index, entry) in layout.trained.enumerated() {
            next.values[entry] = moved.values[index]
            if layout.keepsAverages { next.averages[entry] = moved.averages[index] }
        }
        next.optimizerStates = moved.states
        next.step = state.step + Tensor(integer: 1, elementType: .int64)
        return StepOutcome(state: next, loss: value, gradientNorm: norm, learningRate: rate)
    }
}
