import Settings

/// Euler's method: the slope at the beginning, all the way.
public struct Euler: RungeKutta {
    public static let name = "euler"
    public static let summary = "Euler's method: order 1, one evaluation a step."
    /// Its only node is where the step begins.
    public static let tableau = ButcherTableau(nodes: [0], matrix: [[]], weights: [1], order: 1)

    public init() {}
}
