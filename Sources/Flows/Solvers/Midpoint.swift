import Settings

/// The midpoint method: the slope in the middle that half a step of Euler's method reaches (Runge 1895).
public struct Midpoint: RungeKutta {
    public static let name = "midpoint"
    public static let summary = "The midpoint method: order 2, two evaluations a step; never evaluates at the end."
    /// Its nodes are the beginning and the middle of the step.
    public static let tableau = ButcherTableau(nodes: [0, 0.5], matrix: [[], [0.5]], weights: [0, 1], order: 2)

    public init() {}
}
