public import Tracing

/// An explicit Runge-Kutta method: all that it is stands in its tableau.
public protocol RungeKutta: Solver {
    static var tableau: ButcherTableau { get }
}

extension RungeKutta {
    public var order: Int { Self.tableau.order }

    public var evaluationsPerStep: Int { Self.tableau.nodes.count }

    public func step(
        _ x: Tensor, from start: Tensor, to end: Tensor, _ velocity: (Tensor, Tensor) -> Tensor
    ) -> Tensor {
        let tableau = Self.tableau
        let length = end - start
        var slopes: [Tensor] = []
        /// x moved along the slopes so far; a coefficient of 0 or 1 leaves no operation behind.
        func moved(_ coefficients: [Double]) -> Tensor {
            zip(coefficients, slopes).reduce(x) { point, term in
                let (coefficient, slope) = term
                if coefficient == 0 { return point }
                return point + (coefficient == 1 ? length : length * coefficient) * slope
            }
        }
        for (node, row) in zip(tableau.nodes, tableau.matrix) {
            let time = node == 0 ? start : node == 1 ? end : start + length * node
            slopes.append(velocity(moved(row), time))
        }
        return moved(tableau.weights)
    }
}
