import Settings

/// The classical method of order 4 (Kutta 1901).
public struct ClassicalRungeKutta: RungeKutta {
    public static let name = "rk4"
    public static let summary =
        "The classical Runge-Kutta method: order 4, four evaluations a step; for few long steps."
    /// Its nodes, matrix and weights (Kutta 1901).
    public static let tableau = ButcherTableau(
        nodes: [0, 0.5, 0.5, 1], matrix: [[], [0.5], [0, 0.5], [0, 0, 1]], weights: [1 / 6, 1 / 3, 1 / 3, 1 / 6],
        order: 4)

    public init() {}
}
