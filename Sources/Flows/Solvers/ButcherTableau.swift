/// The coefficients of an explicit Runge-Kutta method (Hairer, Norsett and Wanner 1993, "Solving ordinary differential
/// equations I", II.1).
public struct ButcherTableau: Sendable {
    /// c: where in the step each slope is taken, from 0 to 1.
    public let nodes: [Double]
    /// a: how much of each earlier slope leads to a stage; row i has i numbers.
    public let matrix: [[Double]]
    /// b: how much each slope counts in the end.
    public let weights: [Double]
    /// The weights of a second method of the same slopes, whose distance from the first estimates a step's error.
    public let embeddedWeights: [Double]?
    /// The power of the step with which the error of the whole way falls.
    public let order: Int

    /// - Precondition: the coefficients satisfy all conditions of the order, 1 to 5; those of the embedded method all of
    ///   the order below.
    public init(
        nodes: [Double], matrix: [[Double]], weights: [Double], embeddedWeights: [Double]? = nil, order: Int
    ) {
        self.nodes = nodes
        self.matrix = matrix
        self.weights = weights
        self.embeddedWeights = embeddedWeights
        self.order = order
        precondition((1...5).contains(order), "the conditions are known for orders 1 to 5")
        precondition(
            matrix.count == nodes.count && weights.count == nodes.count
                && (embeddedWeights ?? weights).count == nodes.count
                && matrix.enumerated().allSatisfy { $1.count == $0 },
            "an explicit method has a node, a row of earlier slopes and a weight a stage")
        let worst = defect(of: weights, order: order)
        precondition(worst < 1e-12, "the coefficients are not of order \(order): off by \(worst)")
        if let embeddedWeights {
            let worst = defect(of: embeddedWeights, order: order - 1)
            precondition(worst < 1e-12, "the embedded method is not of order \(order - 1): off by \(worst)")
        }
    }

    /// Slopes that a step asks for: a last one with no weight serves only the embedded method, or the next step.
    public var evaluations: Int { (weights.lastIndex { $0 != 0 } ?? 0) + 1 }

    /// Whether the last slope is that at the end of the step, so that the next step has its first one for nothing.
    public var isFirstSameAsLast: Bool { nodes.last == 1 && matrix.last.map { $0 + [0] } == weights }

    /// By how much the worst condition is missed: a row's sum is its node, and a condition a rooted tree with up to as
    /// many nodes as the order.
    private func defect(of weights: [Double], order: Int) -> Double {
        typealias Vector = [Double]
        func dot(_ a: Vector, _ b: Vector) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        func a(_ vector: Vector) -> Vector { matrix.map { dot($0, vector) } }
        func times(_ vectors: Vector...) -> Vector {
            nodes.indices.map { index in vectors.reduce(1) { $0 * $1[index] } }
        }
        let (one, c) = (Vector(repeating: 1, count: nodes.count), nodes)
        let (c2, c3) = (times(c, c), times(c, c, c))
        let byOrder: [[(tree: Vector, density: Double)]] = [
            [(one, 1)],
            [(c, 2)],
            [(c2, 3), (a(c), 6)],
            [(c3, 4), (times(c, a(c)), 8), (a(c2), 12), (a(a(c)), 24)],
            [
                (times(c, c3), 5), (times(c2, a(c)), 10), (times(a(c), a(c)), 20), (times(c, a(c2)), 15),
                (times(c, a(a(c))), 30), (a(c3), 20), (a(times(c, a(c))), 40), (a(a(c2)), 60), (a(a(a(c))), 120),
            ],
        ]
        let conditions = byOrder.prefix(order).joined().map { dot(weights, $0.tree) - 1 / $0.density }
        return (conditions + zip(a(one), c).map { $0 - $1 }).map { abs($0) }.max() ?? 0
    }
}
