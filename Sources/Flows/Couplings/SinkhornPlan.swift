import Foundation
import StableHLO
package import Tensors

/// The entropic transport plan between two sets of equally many points: of all plans with uniform marginals the one of
/// least <plan, cost> - regularization x entropy(plan) (Cuturi 2013, "Sinkhorn distances"), by Sinkhorn's iterations on
/// logarithms, which neither overflow nor underflow.
///
/// The iterations end when no row's sum is further than a tolerance from what it must be (columns are exact), or at a limit:
/// then all is NaN, so that nothing goes on with a plan that is none.
package struct SinkhornPlan {
    /// The logarithms of the plan, (rows, columns); the plan sums to 1.
    package let logarithms: Tensor

    /// - Parameters:
    ///   - cost: (rows, columns)
    ///   - regularization: in units of the mean cost
    ///   - iterations: the most
    ///   - tolerance: by how much, relative to it, a row's sum may be off
    package init(cost: Tensor, regularization: Double, iterations: Int, tolerance: Double = 1e-4) {
        let (rows, columns) = (cost.shape[0], cost.shape[1])
        let mean = cost.mean()
        let unit = mean.compared(.greater, to: 0).select(mean, Tensor(1, elementType: cost.elementType))
        let kernel = -(cost / (unit * regularization))
        let (logRows, logColumns) = (-log(Double(rows)), -log(Double(columns)))

        /// The potentials that make the sums along a dimension what they must be, given those of the other.
        func balanced(_ others: Tensor, along dimension: Int, to total: Double) -> Tensor {
            total - logSum(kernel + others, along: dimension)
        }
        let zero = Tensor(0, shape: [rows, 1], elementType: cost.elementType)
        let first = balanced(zero, along: 0, to: logColumns)
        let far = Tensor(1, elementType: cost.elementType)
        // Rows' potentials, columns' potentials, the worst error of a row's sum, iterations.
        let end = Tensor.loop([zero, first, far, Tensor(integer: 0)]) { state in
            state[2].compared(.greater, to: tolerance) & state[3].compared(.less, to: Double(iterations))
        } body: { state in
            let next = balanced(state[1], along: 1, to: logRows)
            // What the old potentials missed is what the new ones add.
            let error = abs(expMinusOne(state[0] - next)).max()
            return [next, balanced(next, along: 0, to: logColumns), error, state[3] + Tensor(integer: 1)]
        }
        let isConverged = end[2].compared(.lessOrEqual, to: tolerance)
        let plan = kernel + end[0] + end[1]
        logarithms = isConverged.select(plan, Tensor(.nan, shape: plan.shape, elementType: plan.elementType))
    }

    /// A row for each column, (columns) int32, drawn with the plan's probabilities given the column.
    package func rows(_ random: RandomStream) -> Tensor {
        let (rows, columns) = (logarithms.shape[0], logarithms.shape[1])
        // The largest of logarithms plus independent Gumbel numbers (Gumbel 1954).
        let uniform = random.uniform([rows, columns], elementType: logarithms.elementType) + 0x1p-25
        let scores = logarithms - log(-log(uniform))
        let isBest = scores.compared(.equal, to: scores.max(along: [0], keepingDimensions: true))
        let numbers = Tensor.iota([rows, 1], elementType: logarithms.elementType)
        let beyond = Tensor(Double(rows), elementType: logarithms.elementType)
        return isBest.select(numbers, beyond).min(along: [0]).converted(to: .int32)
    }
}

/// log sum exp along one dimension, kept.
private func logSum(_ x: Tensor, along dimension: Int) -> Tensor {
    let greatest = x.max(along: [dimension], keepingDimensions: true)
    return greatest + log(exp(x - greatest).sum(along: [dimension], keepingDimensions: true))
}
