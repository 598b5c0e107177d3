public import Tracing

/// One step of a numerical method for dx/dt = u(x, t).
public protocol Solver: Sendable {
    /// Advances `x` from time `start` to `end` (scalars).
    func step(_ x: Tensor, from start: Tensor, to end: Tensor, _ velocity: (Tensor, Tensor) -> Tensor) -> Tensor
}

/// Euler's method: x + (end - start) u(x, start); order 1, one evaluation a step.
public struct Euler: Solver {
    public init() {}

    public func step(
        _ x: Tensor, from start: Tensor, to end: Tensor, _ velocity: (Tensor, Tensor) -> Tensor
    ) -> Tensor {
        x + (end - start) * velocity(x, start)
    }
}

extension Solver {
    /// Integrates from time 0 to 1 over `steps` equal steps, in one loop on the device.
    ///
    /// - Parameters:
    ///   - x: the state at time 0
    ///   - steps: a scalar int32
    public func integrate(_ x: Tensor, steps: Tensor, _ velocity: (Tensor, Tensor) -> Tensor) -> Tensor {
        let count = steps.converted(to: x.elementType)
        return Tensor.repeated(steps, [x]) { counter, values in
            let index = counter.converted(to: x.elementType)
            return [step(values[0], from: index / count, to: (index + 1) / count, velocity)]
        }[0]
    }
}
