public import Settings

/// The times s u / (1 + (s - 1) u) of equal steps u (Esser et al. 2024, "Scaling rectified flow transformers", eq. 23).
///
/// Their time is 1 at the noise: their shift of 3 is 1/3 here.
public struct ShiftedGrid: TimeGrid {
    public static let name = "shifted"
    public static let summary =
        "Equal steps u moved to s u / (1 + (s - 1) u) (Esser et al. 2024): s below 1 has shorter steps near the noise, for "
        + "large images; their shift is 1 / s."

    @Setting("The shift s; Stable Diffusion 3's 3 is 1/3 here.", .above(0), role: .recording) public var shift = 1.0 / 3

    public init() {}

    public func times(steps: Int) -> [Double] {
        // Exactly 0 and 1 at the ends.
        UniformGrid().times(steps: steps).map { $0 / ($0 + (1 - $0) / shift) }
    }
}
