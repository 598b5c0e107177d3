public import NN
import StableHLO
public import Tracing

/// What one step computed besides the new state.
public struct StepOutcome {
    public let state: StateArrays<Tensor>
    public let loss: Tensor
    /// Euclidean norm of all gradients together, before clipping.
    public let gradientNorm: Tensor
    public let learningRate: Tensor
}

/// One step of training as a function of symbolic tensors: loss, gradients, Adam, moving average.
public struct TrainingStep: Sendable {
    public let layout: StateLayout
    public let optimizer: Adam
    /// Decay of the exponential moving average of weights and batch statistics.
    public let averageDecay: Double

    public init(_ layout: StateLayout, optimizer: Adam, averageDecay: Double) {
        self.layout = layout
        self.optimizer = optimizer
        self.averageDecay = averageDecay
    }

    /// - Parameter loss: a scalar, traced in training mode.
    public func callAsFunction(_ state: StateArrays<Tensor>, loss: (Context) -> Tensor) -> StepOutcome {
        let context = Context(layout.tree, values: state.values, mode: .training)
        let value = loss(context)
        let step = state.step.converted(to: .float32)
        let raw = gradients(of: value, withRespectTo: layout.trained.map { state.values[$0] })
        let (clipped, norm) = optimizer.clipped(raw)
        let decay = averageDecay(after: step)
        let moved = optimizer.update(
            MovingWeights(
                values: layout.trained.map { state.values[$0] }, gradients: clipped,
                firstMoments: state.firstMoments, secondMoments: state.secondMoments,
                averages: layout.keepsAverages ? layout.trained.map { state.averages[$0] } : []),
            step: step, averageDecay: decay)

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
        next.firstMoments = moved.firstMoments
        next.secondMoments = moved.secondMoments
        next.step = state.step + Tensor(integer: 1, elementType: .int64)
        return StepOutcome(
            state: next, loss: value, gradientNorm: norm, learningRate: optimizer.learningRate(after: step))
    }

    /// min(d, (1 + n) / (10 + n)) after n steps: early averages forget their random start quickly.
    private func averageDecay(after step: Tensor) -> Tensor {
        ((1 + step) / (10 + step)).minimum(Tensor(averageDecay))
    }
}
