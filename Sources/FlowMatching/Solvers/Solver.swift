public import Settings
public import Tracing

/// One step of a numerical method for dx/dt = u(x, t).
public protocol Solver: SettingKind {
    /// The power of the step with which the error of the whole way falls.
    var order: Int { get }

    /// Velocities that a step asks for.
    var evaluationsPerStep: Int { get }

    /// Advances `x` from time `start` to `end` (scalars).
    func step(_ x: Tensor, from start: Tensor, to end: Tensor, _ velocity: (Tensor, Tensor) -> Tensor) -> Tensor
}

extension Solver {
    /// Integrates over steps `first ..< last` of `steps` equal ones between time 0 and 1, in one loop on the device.
    ///
    /// - Parameters:
    ///   - x: the state before step `first`
    ///   - first, last, steps: scalar int32
    public func integrate(
        _ x: Tensor, steps: Tensor, first: Tensor, last: Tensor, _ velocity: (Tensor, Tensor) -> Tensor
    ) -> Tensor {
        let count = steps.converted(to: x.elementType)
        return Tensor.repeated(last - first, [x]) { counter, values in
            let index = (first + counter).converted(to: x.elementType)
            return [step(values[0], from: index / count, to: (index + 1) / count, velocity)]
        }[0]
    }

    /// Integrates from time 0 to 1 over `steps` (a scalar int32) equal steps.
    public func integrate(_ x: Tensor, steps: Tensor, _ velocity: (Tensor, Tensor) -> Tensor) -> Tensor {
        integrate(x, steps: steps, first: Tensor(integer: 0), last: steps, velocity)
    }
}

/// The kinds of solver.
public enum Solvers {
    public static let registry = Registry<any Solver>(
        "The numerical method that follows the velocity from noise to image.",
        [
            Euler(),
            Heun(),
        ])
}
