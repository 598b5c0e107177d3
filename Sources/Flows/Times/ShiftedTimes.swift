public import Settings
public import Tensors

/// t = s u / (1 + (s - 1) u) of a uniform u (Esser et al. 2024, "Scaling rectified flow transformers", eq. 23).
///
/// Their time is 1 at the noise: their shift of 3 is 1/3 here.
public struct ShiftedTimes: TimeDistribution {
    public static let name = "shifted"
    public static let summary =
        "s u / (1 + (s - 1) u) of a uniform u (Esser et al. 2024): s below 1 draws more times near the noise, for large "
        + "images; their shift is 1 / s."

    @Setting("The shift s; Stable Diffusion 3's 3 is 1/3 here.", .above(0)) public var shift = 1.0 / 3

    public init() {}

    public func times(of uniform: Tensor) -> Tensor { uniform / (uniform + (1 - uniform) / shift) }
}
