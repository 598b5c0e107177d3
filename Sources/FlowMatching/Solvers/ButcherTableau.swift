/// The coefficients of an explicit Runge-Kutta method (Hairer, Norsett and Wanner 1993, "Solving ordinary differential
/// equations I", II.1).
public struct ButcherTableau: Sendable {
    /// c: where in the step each slope is taken, from 0 to 1.
    public let nodes: [Double]
    /// a: how much of each earlier slope leads to a stage; row i has i numbers.
    public let matrix: [[Double]]
    /// b: how much each slope counts in the end.
    public let weights: [Double]
    /// The power of the step with which the error of the whole way falls.
    public let order: Int

    /// - Precondition: the coefficients satisfy all conditions of the order, 1 to 4.
    public init(nodes: [Double], matrix: [[Double]], weights: [Double], order: Int) {
        self.nodes = nodes
        self.matrix = matrix
        self.weights = weights
        self.order = order
        precondition((1...4).contains(order), "the conditions are known for orders 1 to 4")
        precondition(
            matrix.count == nodes.count && weights.count == nodes.count
                && matrix.enumerated().allSatisfy { $1.count == $0 },
            "an explicit method has a node, a row of earlier slopes and a weight a stage")
        let worst = conditions.map { abs($0) }.max() ?? 0
        precondition(worst < 1e-12, "the coefficients are not of order \(order): off by \(worst)")
    }

    /// What must be 0 for the order to be as stated: a row's sum is its node, and a condition a rooted tree.
    private var conditions: [Double] {
        func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        func applied(_ vector: [Double]) -> [Double] { matrix.map { dot($0, vector) } }
        func power(_ exponent: Int) -> [Double] { nodes.map { node in (0..<exponent).reduce(1) { p, _ in p * node } } }
        let byOrder: [[Double]] = [
            zip(applied(power(0)), nodes).map { $0 - $1 } + [dot(weights, power(0)) - 1],
            [dot(weights, nodes) - 1 / 2],
            [dot(weights, power(2)) - 1 / 3, dot(weights, applied(nodes)) - 1 / 6],
            [
                dot(weights, power(3)) - 1 / 4, dot(weights, zip(nodes, applied(nodes)).map { $0 * $1 }) - 1 / 8,
                dot(weights, applied(power(2))) - 1 / 12, dot(weights, applied(applied(nodes))) - 1 / 24,
            ],
        ]
        return byOrder.prefix(order).flatMap { $0 }
    }
}
