import Settings
import StableHLO
public import Tensors

/// The diagonal of the Jacobian, entry by entry.
public struct ExactDivergence: DivergenceEstimate {
    public static let name = "exact"
    public static let summary =
        "Every entry of the diagonal, a product each: nothing is left to chance; for points of few dimensions."

    public init() {}

    public var estimates: Int { 1 }
    public var isRandom: Bool { false }

    public func products(dimensions: Int) -> Int { dimensions }

    public func divergences(of velocity: Tensor, at x: Tensor, normal: (Tensor) -> Tensor) -> Tensor {
        let (batch, dimensions) = (x.shape[0], x.elementCount / x.shape[0])
        let count = Tensor(integer: dimensions)
        let zero = Tensor(0, shape: [batch], elementType: x.elementType)
        return Tensor.repeated(count, [zero]) { index, sum in
            let isHere = Tensor.iota([1, dimensions], dimension: 1).compared(
                .equal, to: index.broadcast(to: [1, dimensions]))
            let unit = isHere.converted(to: x.elementType).broadcast(to: [batch, dimensions]).reshaped(to: x.shape)
            let row = pullback(of: [velocity], withRespectTo: [x], cotangents: [unit])[0]
            return [sum[0] + (row * unit).sum(along: Array(1..<x.rank))]
        }[0].expanded(at: 1)
    }
}
