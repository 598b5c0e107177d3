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
            layout.trained.indices.map { index in
                MovingWeight(
                    value: state.values[layout.trained[index]], gradient: clipped[index],
                    firstMoment: state.firstMoments[index], secondMoment: state.secondMoments[index],
                    average: layout.keepsAverages ? state.averages[layout.trained[index]] : nil)
            }, step: step, averageDecay: decay)

        var next = state
        next.values = context.valuesAfterCall
        if layout.keepsAverages {
            next.averages = zip(state.averages, next.values).map { average, value in
                value.elementType.isFloatingPoint ? average + (value - average) * (1 - decay) : value
            }
        }
        for (index, weight) in moved.enumerated() {
            let entry = layout.trained[index]
            next.values[entry] = weight.value
            next.firstMoments[index] = weight.firstMoment
            next.secondMoments[index] = weight.secondMoment
            if let average = weight.average { next.averages[entry] = average }
        }
        next.step = state.step + Tensor(integer: 1, elementType: .int64)
        return StepOutcome(
            state: next, loss: value, gradientNorm: norm, learningRate: optimizer.learningRate(after: step))
    }

    /// min(d, (1 + n) / (10 + n)) after n steps: early averages forget their random start quickly.
    private func averageDecay(after step: Tensor) -> Tensor {
        ((1 + step) / (10 + step)).minimum(Tensor(averageDecay))
    }
}
