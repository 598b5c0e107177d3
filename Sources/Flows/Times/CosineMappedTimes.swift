import Settings
public import Tensors

/// t = 1 - 1 / (1 + tan(pi u / 2)) of a uniform u: the times that match the noise levels of a cosine schedule (Esser et al.
/// 2024, "Scaling rectified flow transformers", section 3.1, CosMap; the same in both directions of time).
public struct CosineMappedTimes: TimeDistribution {
    public static let name = "cosine-mapped"
    public static let summary =
        "1 - 1 / (1 + tan(pi u / 2)) of a uniform u (CosMap, Esser et al. 2024): a little more of both ends."

    public init() {}

    public func times(of uniform: Tensor) -> Tensor {
        // tan / (1 + tan) without the quotient that is infinite at 1.
        let (sine, cosine) = (sin(uniform * (Double.pi / 2)), cos(uniform * (Double.pi / 2)))
        return sine / (sine + cosine)
    }
}
