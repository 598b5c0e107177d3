public import Settings
public import Tensors

/// One step of a numerical method that follows a ``ProbabilityFlow``.
public protocol Solver: SettingKind {
    /// The power of the step with which the error of the whole way falls; of a stochastic method, the error of the
    /// distribution (the weak order).
    var order: Int { get }

    /// Velocities that a step asks for.
    var evaluationsPerStep: Int { get }

    /// Whether a step takes fresh noise. Such a method cannot be followed backwards.
    var isStochastic: Bool { get }

    /// The error that steps are cut to; nil where they are as long as the time grid says.
    var tolerance: ErrorTolerance? { get }

    /// Advances a state from time `start` to `end`, which may be the earlier.
    ///
    /// - Parameters:
    ///   - state: tensors of (batch, ...)
    ///   - start: scalars, or (batch), one of each row
    ///   - end: scalars, or (batch), one of each row
    ///   - flow: what is followed
    ///   - noise: standard normal, of the shapes of the state; asked for by a stochastic method alone
    func step(
        _ state: [Tensor], from start: Tensor, to end: Tensor, _ flow: ProbabilityFlow, noise: () -> [Tensor]
    ) -> [Tensor]
}

extension Solver {
    public var isStochastic: Bool { false }

    public var tolerance: ErrorTolerance? { nil }

    /// Integrates over steps `first ..< last` of a grid of times, in one loop on the device.
    ///
    /// - Parameters:
    ///   - state: before step `first`
    ///   - times: (n), the grid; step k leads from times[k] to times[k + 1]
    ///   - first: scalar int32
    ///   - last: scalar int32
    ///   - flow: what is followed
    ///   - noise: of a step by its number, a scalar int32
    public func integrate(
        _ state: [Tensor], times: Tensor, first: Tensor, last: Tensor, _ flow: ProbabilityFlow,
        noise: (_ step: Tensor) -> [Tensor]
    ) -> [Tensor] {
        Tensor.repeated(last - first, state) { counter, values in
            let index = first + counter
            let (start, end) = (times.rows(at: index), times.rows(at: index + Tensor(integer: 1)))
            return step(values, from: start, to: end, flow) { noise(index) }
        }
    }
}

/// The kinds of solver.
public enum Solvers {
    /// All kinds, in the order of the manual.
    public static let registry = Registry<any Solver>(
        "The numerical method that follows the velocity from noise to image.",
        [
            Euler(),
            Midpoint(),
            Heun(),
            ClassicalRungeKutta(),
            DormandPrince(),
            EulerMaruyama(),
        ])
}
