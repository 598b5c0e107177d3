public import Settings
public import Tensors

/// (1 - w) u(x, t, null) + w u(x, t, y) (Ho and Salimans 2022).
public struct ClassifierFreeGuidance: Guidance {
    public static let name = "classifier-free"
    public static let summary =
        "(1 - w) u(x, t, no label) + w u(x, t, label) at all times (Ho and Salimans 2022); where to begin."

    @Setting("The guidance scale w; 1 is the conditional model itself and costs one evaluation a stage, not two.")
    public var scale = 3.0

    public init() {}

    public func combined(conditional: Tensor, baseline: Tensor, at time: Tensor, scale: Tensor) -> Tensor {
        (1 - scale) * baseline + scale * conditional
    }
}
