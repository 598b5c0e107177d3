public import Settings
public import Tensors

/// (1 - w) u'(x, t, y) + w u(x, t, y), u' the velocity of a weaker network with the same label (Karras et al. 2024, "Guiding
/// a diffusion model with a bad version of itself").
public struct Autoguidance: Guidance {
    public static let name = "autoguidance"
    public static let summary =
        "Away from an earlier checkpoint or a smaller run with the same label (Karras et al. 2024): better images without "
        + "less variety; needs no dropped labels."

    @Setting("The guidance scale w.") public var scale = 2.0
    @Setting(
        "The folder of the weaker run, of the same path and size of images; empty for an earlier checkpoint of the run itself."
    )
    public var run = ""
    @Setting(
        "The step of the weaker checkpoint; 0 for the run's own earliest, or the last of another run.", .atLeast(0))
    public var checkpoint = 0

    public init() {}

    public var baseline: GuidanceBaseline { .weaker(run: run, checkpoint: checkpoint) }

    public func combined(conditional: Tensor, baseline: Tensor, at time: Tensor, scale: Tensor) -> Tensor {
        (1 - scale) * baseline + scale * conditional
    }
}
