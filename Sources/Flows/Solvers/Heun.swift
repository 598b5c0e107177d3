import Settings

/// Heun's method: the mean of the slopes at the beginning and at the end that Euler's method would reach (EDM's second-order
/// sampler, Karras et al. 2022, algorithm 1).
public struct Heun: RungeKutta {
    public static let name = "heun"
    public static let summary = "Heun's method: order 2, two evaluations a step."
    /// Its nodes are both ends of the step.
    public static let tableau = ButcherTableau(nodes: [0, 1], matrix: [[], [1]], weights: [0.5, 0.5], order: 2)

    public init() {}
}
