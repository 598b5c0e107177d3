public import Settings
import StableHLO
public import Tensors

/// (1 - w) s u(x, t, null) + w u(x, t, y) with s = <u(y), u(null)> / |u(null)|^2 for each image, the multiple of the
/// unconditional velocity that is nearest to the conditional (Fan et al. 2025, "CFG-Zero*: improved classifier-free guidance
/// for flow matching models").
///
/// A scale of 0 is a multiple of the unconditional velocity, not that velocity itself.
public struct ZeroStarGuidance: Guidance {
    public static let name = "zero-star"
    public static let summary =
        "Classifier-free with the unconditional velocity scaled to the conditional (CFG-Zero*, Fan et al. 2025): for "
        + "large scales, and networks that are not yet trained well."

    @Setting("The guidance scale w.") public var scale = 3.0
    @Setting(
        "Until this time guided samples stand still (the paper's zero-init: its first 4 % of steps); 0 for none.",
        .from(0, through: 1))
    public var zeroUntil = 0.0

    public init() {}

    public func combined(conditional: Tensor, baseline: Tensor, at time: Tensor, scale: Tensor) -> Tensor {
        let inner = Array(1..<baseline.rank)
        func product(_ a: Tensor, _ b: Tensor) -> Tensor { (a * b).sum(along: inner, keepingDimensions: true) }
        let multiple = product(conditional, baseline) / (product(baseline, baseline) + 1e-8)
        let guided = (1 - scale) * multiple * baseline + scale * conditional
        guard zeroUntil > 0 else { return guided }
        let isMoving = time.compared(.greaterOrEqual, to: zeroUntil) | scale.compared(.equal, to: 1)
        return isMoving.broadcast(to: guided.shape).select(
            guided, Tensor(0, shape: guided.shape, elementType: guided.elementType))
    }

    public var switchTimes: [Double] { [zeroUntil] }
}
