public import Settings

/// Dormand and Prince's pair of orders 5 and 4 (1980, "A family of embedded Runge-Kutta formulae"), with steps as long as
/// a tolerance allows, or of a fixed grid. The embedded method is Shampine's (1986, "Some practical Runge-Kutta formulas"),
/// as in torchdiffeq.
public struct DormandPrince: RungeKutta {
    public static let name = "dormand-prince"
    public static let summary =
        "Dormand-Prince 5(4) (1980): steps as long as a tolerance allows, six evaluations each; for likelihoods and "
        + "references."

    @Setting("Whether steps are as long as the tolerance allows; else those of the time grid.", role: .recording)
    public var adaptive = true
    @Setting("Error allowed a step, in parts of a value.", .from(0, through: 1), role: .recording)
    public var relativeTolerance = 1e-4
    @Setting("Error allowed a step, whatever the value.", .above(0), role: .recording)
    public var absoluteTolerance = 1e-4

    /// Its nodes, matrix and weights, and those of the embedded method of order 4 (Dormand and Prince 1980).
    public static let tableau = ButcherTableau(
        nodes: [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1],
        matrix: [
            [],
            [1 / 5],
            [3 / 40, 9 / 40],
            [44 / 45, -56 / 15, 32 / 9],
            [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
            [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
            [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
        ],
        weights: [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0],
        embeddedWeights: [
            1951 / 21600, 0, 22642 / 50085, 451 / 720, -12231 / 42400, 649 / 6300, 1 / 60,
        ],
        order: 5)

    public init() {}

    public var tolerance: ErrorTolerance? {
        adaptive ? ErrorTolerance(relative: relativeTolerance, absolute: absoluteTolerance) : nil
    }
}
