import StableHLO
package import Tensors

/// The error that one step may make in each value: absolute + relative |value|.
public struct ErrorTolerance: Sendable, Equatable {
    /// In units of the state's size.
    public let relative: Double
    /// In the state's own units.
    public let absolute: Double

    /// - Parameters:
    ///   - relative: in units of the state's size
    ///   - absolute: in the state's own units
    public init(relative: Double, absolute: Double) {
        self.relative = relative
        self.absolute = absolute
    }
}

/// Steps whose length follows from an estimate of their error (Hairer, Norsett and Wanner 1993, II.4).
///
/// Each row of a batch is integrated by itself: it has a time and a step of its own, and its error is the root mean
/// square over its values, for a state of several tensors the largest of theirs. So what an image becomes does not
/// depend on the batch that it is in. (torchdiffeq takes the batch as one state and a mean over all of it; a batch given
/// as a single row is integrated just so.)
package struct AdaptiveSteps: Sendable {
    private let tableau: ButcherTableau
    private let tolerance: ErrorTolerance

    // As in Hairer's DOPRI5.
    private static let (safety, least, most) = (0.9, 0.2, 10.0)

    /// - Precondition: the tableau has an embedded method.
    package init(_ tableau: ButcherTableau, _ tolerance: ErrorTolerance) {
        precondition(tableau.embeddedWeights != nil && tableau.isFirstSameAsLast, "an error estimate is needed")
        self.tableau = tableau
        self.tolerance = tolerance
    }

    /// Velocities that ``begin(_:at:to:_:)`` asks for.
    package var evaluationsAtBeginning: Int { 2 }

    /// Velocities that ``attempt(_:to:_:)`` asks for.
    package var evaluationsPerAttempt: Int { tableau.nodes.count - 1 }

    /// Rows somewhere on their way.
    package struct Progress {
        /// Points, and what moves with them.
        package var state: [Tensor]
        /// At the rows' times, of the shapes of the state.
        package var slopes: [Tensor]
        /// (batch)
        package var time: Tensor
        /// The length of the next step, (batch); negative where the way leads back.
        package var length: Tensor

        /// As a list: state, slopes, time, length.
        package var list: [Tensor] { state + slopes + [time, length] }

        /// - Parameter list: the tensors of a progress, as ``list`` gives them
        package init(_ list: [Tensor]) {
            let count = list.count / 2 - 1
            state = Array(list[..<count])
            slopes = Array(list[count..<2 * count])
            time = list[2 * count]
            length = list[2 * count + 1]
        }

        init(state: [Tensor], slopes: [Tensor], time: Tensor, length: Tensor) {
            self.state = state
            self.slopes = slopes
            self.time = time
            self.length = length
        }
    }

    /// The beginning, with a first step from the sizes of state, slope and curvature.
    ///
    /// - Parameters:
    ///   - state: tensors with the batch first
    ///   - start: scalars; `end` may be the earlier
    ///   - end: scalars; `end` may be the earlier
    ///   - velocity: what is followed
    package func begin(
        _ state: [Tensor], at start: Tensor, to end: Tensor, _ velocity: ProbabilityFlow.Velocity
    ) -> Progress {
        let time = start.broadcast(to: [state[0].shape[0]])
        let direction = (end - start).unary(.sign)
        let slopes = velocity(state, time)
        let scales = state.map { scale($0, $0) }
        let (size, speed) = (norm(state, scales), norm(slopes, scales))
        func number(_ value: Double) -> Tensor { Tensor(value, shape: time.shape, elementType: time.elementType) }
        let isTiny = size.compared(.less, to: 1e-5) | speed.compared(.less, to: 1e-5)
        let trial = isTiny.select(number(1e-6), 0.01 * size / speed)
        let moved = zip(state, slopes).map { x, slope in x + (trial * direction).perRow(rank: x.rank) * slope }
        let after = velocity(moved, time + trial * direction)
        let curvature = norm(zip(after, slopes).map { $0 - $1 }, scales) / trial
        let steepest = speed.maximum(curvature)
        let isFlat = steepest.compared(.lessOrEqual, to: 1e-15)
        let guess = isFlat.select(
            number(1e-6).maximum(trial * 1e-3), (0.01 / steepest).power(1 / Double(tableau.order)))
        return Progress(
            state: state, slopes: slopes, time: time, length: direction * (100 * trial).minimum(guess))
    }

    /// One step of every row that is not at the end, kept by the rows for which it was exact enough.
    ///
    /// A row at `end` stays as it is.
    package func attempt(
        _ progress: Progress, to end: Tensor, _ velocity: ProbabilityFlow.Velocity
    ) -> Progress {
        let (state, time) = (progress.state, progress.time)
        let remaining = end - time
        let isLast = abs(progress.length).compared(.greaterOrEqual, to: abs(remaining))
        let next = isLast.select(end.broadcast(to: time.shape), time + progress.length)
        let stages = RungeKuttaStages(
            tableau, state, from: time, to: next, velocity, first: progress.slopes, withLast: true)
        let difference = zip(tableau.weights, tableau.embeddedWeights ?? []).map { $0 - $1 }
        let errors = state.indices.map { stages.combination(difference, of: $0) ?? state[$0] * 0 }
        let ratio = norm(errors, zip(state, stages.state).map { scale($0, $1) })
        // A ratio that is not a number accepts nothing and shrinks the step.
        let isAccepted = ratio.compared(.lessOrEqual, to: 1)
        func number(_ value: Double) -> Tensor { Tensor(value, shape: time.shape, elementType: time.elementType) }
        let growth = AdaptiveSteps.safety * ratio.maximum(number(1e-10)).power(-1 / Double(tableau.order))
        let factor = isAccepted.select(
            growth.maximum(number(1)),
            growth.compared(.greater, to: AdaptiveSteps.least).select(
                growth, number(AdaptiveSteps.least))
        ).minimum(number(AdaptiveSteps.most))
        let isMoved = isAccepted & remaining.compared(.notEqual, to: 0)
        func kept(_ new: [Tensor], _ old: [Tensor]) -> [Tensor] {
            zip(new, old).map { isMoved.column(rank: $0.rank).broadcast(to: $0.shape).select($0, $1) }
        }
        return Progress(
            state: kept(stages.state, state),
            slopes: kept(stages.slopes[stages.slopes.count - 1], progress.slopes),
            time: isMoved.select(next, time), length: (next - time) * factor)
    }

    /// What an error may be beside values before and after a step.
    private func scale(_ before: Tensor, _ after: Tensor) -> Tensor {
        tolerance.absolute + tolerance.relative * abs(before).maximum(abs(after))
    }

    /// The root mean square of a row's values in units of their scales, the largest over the tensors of a state.
    private func norm(_ values: [Tensor], _ scales: [Tensor]) -> Tensor {
        let norms = zip(values, scales).map { value, scale in
            sqrt((value / scale).squared().mean(along: Array(1..<value.rank)))
        }
        return norms.dropFirst().reduce(norms[0]) { $0.maximum($1) }
    }
}
