/// Where the way along a flow leads.
public enum FlowDirection: Sendable {
    /// From t = 1 to t = 0.
    case toNoise
    /// From t = 0 to t = 1.
    case toData
}
