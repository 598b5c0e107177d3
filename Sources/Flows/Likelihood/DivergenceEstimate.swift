public import Settings
import StableHLO
public import Tensors

/// How the divergence of a velocity field is computed, the trace of its Jacobian: from which vectors v, each of which costs
/// a product with the Jacobian, v^T J, by reverse-mode differentiation.
public protocol DivergenceEstimate: SettingKind {
    /// Independent estimates of each image's divergence; 1 where nothing is left to chance.
    var estimates: Int { get }

    /// Whether the result depends on random vectors.
    var isRandom: Bool { get }

    /// A random vector, made of standard normal numbers, none of which is 0.
    func randomVector(_ normal: Tensor) -> Tensor

    /// Products with the Jacobian that an evaluation costs, at points of that many dimensions.
    func products(dimensions: Int) -> Int

    /// The divergences at `x` of a velocity that was computed from `x`, no image of which depends on another.
    ///
    /// - Parameters:
    ///   - x: (batch, ...)
    ///   - velocity: of the shape of `x`
    ///   - normal: standard normal vectors of the shape of `x`, by the number of the estimate, a scalar int32. They are the
    ///     same at all times of a way (Grathwohl et al. 2019, section 3.1).
    /// - Returns: (batch, ``estimates``)
    func divergences(of velocity: Tensor, at x: Tensor, normal: (_ estimate: Tensor) -> Tensor) -> Tensor
}

extension DivergenceEstimate {
    public func randomVector(_ normal: Tensor) -> Tensor { normal }
}

/// The kinds of divergence.
public enum DivergenceEstimates {
    /// All kinds, in the order of the manual.
    public static let registry = Registry<any DivergenceEstimate>(
        "How the divergence is computed that a likelihood is the integral of.",
        [
            HutchinsonDivergence(),
            ExactDivergence(),
        ])
}

extension Tensor {
    /// `count` numbers of each image side by side, (batch, count): number k is that of what `body` gives for k, (batch).
    ///
    /// One loop on the device, whatever the count; what `body` takes from outside is computed once.
    static func listed(
        _ count: Int, batch: Int, elementType: ElementType, _ body: (_ index: Tensor) -> Tensor
    ) -> Tensor {
        if count == 1 { return body(Tensor(integer: 0)).expanded(at: 1) }
        let empty = Tensor(0, shape: [batch, count], elementType: elementType)
        return repeated(Tensor(integer: count), [empty]) { index, list in
            let isHere = Tensor.iota([1, count], dimension: 1).compared(.equal, to: index.broadcast(to: [1, count]))
            return [isHere.broadcast(to: [batch, count]).select(body(index).expanded(at: 1), list[0])]
        }[0]
    }
}
