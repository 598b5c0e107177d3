public import Tensors

/// An explicit Runge-Kutta method: all that it is stands in its tableau.
public protocol RungeKutta: Solver {
    /// Its nodes, matrix and weights.
    static var tableau: ButcherTableau { get }
}

extension RungeKutta {
    public var order: Int { Self.tableau.order }

    public var evaluationsPerStep: Int { Self.tableau.evaluations }

    public func step(
        _ state: [Tensor], from start: Tensor, to end: Tensor, _ flow: ProbabilityFlow, noise: () -> [Tensor]
    ) -> [Tensor] {
        RungeKuttaStages(Self.tableau, state, from: start, to: end, flow.velocity).state
    }

    /// A step of one tensor along a velocity.
    public func step(
        _ x: Tensor, from start: Tensor, to end: Tensor, _ velocity: @escaping (Tensor, Tensor) -> Tensor
    ) -> Tensor {
        step([x], from: start, to: end, ProbabilityFlow { [velocity($0[0], $1)] }) { [] }[0]
    }

    /// Integrates one tensor along a velocity over equal steps from time 0 to 1.
    public func integrate(
        _ x: Tensor, steps: Int, _ velocity: @escaping (Tensor, Tensor) -> Tensor
    ) -> Tensor {
        let times = Tensor.iota([steps + 1], elementType: x.elementType) / Double(max(steps, 1))
        return integrate(
            [x], times: times, first: Tensor(integer: 0), last: Tensor(integer: steps),
            ProbabilityFlow { [velocity($0[0], $1)] }, noise: { _ in [] })[0]
    }
}

/// The slopes of one step of a Runge-Kutta method.
struct RungeKuttaStages {
    private let tableau: ButcherTableau
    private let start: [Tensor]
    private let length: Tensor
    /// Of each stage that was evaluated, of each tensor of the state.
    private(set) var slopes: [[Tensor]] = []
    /// The state at the end of the step.
    private(set) var state: [Tensor] = []

    /// - Parameters:
    ///   - first: the slopes at the beginning, where they are known; then they are not asked for
    ///   - isLastEvaluated: whether the slopes at the end are asked for though no weight needs them
    init(
        _ tableau: ButcherTableau, _ start: [Tensor], from time: Tensor, to end: Tensor,
        _ velocity: ProbabilityFlow.Velocity, first: [Tensor]? = nil, withLast isLastEvaluated: Bool = false
    ) {
        self.tableau = tableau
        self.start = start
        length = end - time
        let stages = isLastEvaluated ? tableau.nodes.count : tableau.evaluations
        for (index, (node, row)) in zip(tableau.nodes, tableau.matrix).prefix(stages).enumerated() {
            if index == 0, let first {
                slopes.append(first)
                continue
            }
            let at = node == 0 ? time : node == 1 ? end : time + length * node
            slopes.append(velocity(moved(row), at))
        }
        state = moved(tableau.weights)
    }

    /// The state moved along the slopes so far; a coefficient of 0 or 1 leaves no operation behind.
    private func moved(_ coefficients: [Double]) -> [Tensor] {
        start.indices.map { index in
            combination(coefficients, of: index, from: start[index]) ?? start[index]
        }
    }

    /// The step times a combination of a tensor's slopes, added to `origin` if there is one; nil for nothing at all.
    func combination(_ coefficients: [Double], of index: Int, from origin: Tensor? = nil) -> Tensor? {
        zip(coefficients, slopes).reduce(origin) { point, term in
            let (coefficient, slope) = (term.0, term.1[index])
            if coefficient == 0 { return point }
            let factor = (coefficient == 1 ? length : length * coefficient).perRow(rank: slope.rank)
            return point.map { $0 + factor * slope } ?? factor * slope
        }
    }
}
