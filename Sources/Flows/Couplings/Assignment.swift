import StableHLO
import Tensors

/// The assignment of rows to columns of a square matrix with the greatest sum: the column of each row, (size) int32.
///
/// A composite of Bertsekas' auction; on a CPU a kernel finds the same by shortest augmenting paths, which is exact. Equal
/// sums may be told apart differently.
///
/// - Parameter benefit: (size, size)
func assignment(_ benefit: Tensor) -> Tensor {
    Composite.apply("flow.assignment", to: [benefit], pullback: { _, _, _ in [nil] }) {
        // A kernel returns what it takes: numbers of columns as floating point, exact far beyond any batch.
        [Auction($0[0]).columns.converted(to: $0[0].elementType)]
    }[0].converted(to: .int32)
}
