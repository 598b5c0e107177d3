import StableHLO
import Tensors

/// The assignment of rows to columns of a square matrix with the greatest sum.
///
/// Bertsekas' auction (1988): all rows without a column bid for the one of greatest profit at once, with prices kept from
/// round to round of falling increments. The sum falls short of the greatest by at most the matrix's size times the last
/// increment, 1e-10 of the matrix's spread.
struct Auction {
    /// The column of each row, (size) int32.
    let columns: Tensor

    private struct State {
        /// Of the columns, (1, size) float64.
        var prices: Tensor
        /// Whether a row has a column, (size, size).
        var taken: Tensor
        /// By how much a bid exceeds what it must, a scalar.
        var increment: Tensor

        init(prices: Tensor, taken: Tensor, increment: Tensor) {
            self.prices = prices
            self.taken = taken
            self.increment = increment
        }

        init(_ list: [Tensor]) { self.init(prices: list[0], taken: list[1], increment: list[2]) }

        var list: [Tensor] { [prices, taken, increment] }

        /// Rows without a column, (size, 1).
        var free: Tensor {
            taken.converted(to: .float64).sum(along: [1], keepingDimensions: true).compared(.equal, to: 0)
        }

        var isComplete: Tensor { !free.any() }
    }

    init(_ benefit: Tensor) {
        let size = benefit.shape[0]
        // From 0 on: beside a great common part of all values an increment would be lost to rounding, and prices with it.
        let all = benefit.converted(to: .float64)
        let values = all - all.min()
        let spread = values.max().maximum(Tensor(1e-30, elementType: .float64))
        let last = spread * 1e-10
        let number = Tensor.iota([1, size], dimension: 1, elementType: .float64)
        let nobody = Tensor(integer: 0, shape: [size, size], elementType: .bool)
        let start = State(
            prices: Tensor(0, shape: [1, size], elementType: .float64), taken: nobody, increment: spread * 0.25)
        let end = Tensor.loop(start.list) { list in
            let state = State(list)
            return !(state.isComplete & state.increment.compared(.lessOrEqual, to: last))
        } body: { list in
            var state = State(list)
            // A finished round gives way to one of a smaller increment, which begins with nothing taken.
            let isRoundOver = state.isComplete
            state.increment = isRoundOver.select((state.increment * 0.2).maximum(last), state.increment)
            state.taken = state.taken & !isRoundOver
            Auction.bid(&state, values, number)
            return state.list
        }
        let isTaken = State(end).taken
        columns = Auction.first(isTaken, number, along: 1).reshaped(to: [size]).converted(to: .int32)
    }

    /// Every free row bids; every column that is bid for goes to the highest.
    private static func bid(_ state: inout State, _ values: Tensor, _ number: Tensor) {
        let size = values.shape[0]
        let lowest = Tensor(-Double.infinity, elementType: .float64)
        let profit = values - state.prices
        let best = profit.max(along: [1], keepingDimensions: true)
        let choice = first(profit.compared(.equal, to: best), number, along: 1)
        let isChoice = number.compared(.equal, to: choice)
        let second = isChoice.select(lowest, profit).max(along: [1], keepingDimensions: true)
        let isBid = isChoice & state.free
        let bids = isBid.select(state.prices + (best - second) + state.increment, lowest)
        let highest = bids.max(along: [0], keepingDimensions: true)
        let hasBid = highest.compared(.greater, to: lowest)
        let rows = number.reshaped(to: [size, 1])
        let winner = first(isBid & bids.compared(.equal, to: highest), rows, along: 0)
        state.prices = hasBid.select(highest, state.prices)
        state.taken = hasBid.select(rows.compared(.equal, to: winner), state.taken)
    }

    /// The smallest number along a dimension where a condition holds; `size` where it holds nowhere.
    private static func first(_ condition: Tensor, _ numbers: Tensor, along dimension: Int) -> Tensor {
        let beyond = Tensor(Double(condition.shape[dimension]), elementType: .float64)
        return condition.select(numbers, beyond).min(along: [dimension], keepingDimensions: true)
    }
}
