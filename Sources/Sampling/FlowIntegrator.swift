package import Compute
package import Flows
package import StableHLO
package import Tensors

/// Follows a flow from noise to data or back with any solver that adds no noise of its own.
package struct FlowIntegrator: Sendable {
    private enum Method: Sendable {
        case adaptive(AdaptiveIntegrator)
        /// Arguments: constants, state, times.
        case grid(CompiledFunction, times: [Double], evaluations: Int)
    }

    private let method: Method
    private let timeType: TensorType
    private let device: DeviceGroup

    /// Compiles what an integration needs.
    ///
    /// - Parameters:
    ///   - name: for messages
    ///   - solver: the numerical method
    ///   - times: ascending from 0 to 1, between which the steps lead where they are not adaptive
    ///   - constants: what the velocity needs beside state and time: weights, labels, probes
    ///   - state: of floating-point elements of one type, each (batch, ...)
    ///   - engine: what it runs on
    ///   - velocity: of the constants; its times are scalars or (batch)
    /// - Throws: ``SamplingError/freshNoise`` for a stochastic solver, or what the device reports.
    package init(
        _ name: String, _ solver: any Solver, times: [Double], constants: [TensorType], state: [TensorType],
        on engine: Engine, velocity: ([Tensor]) -> ProbabilityFlow.Velocity
    ) throws {
        guard !solver.isStochastic else { throw SamplingError.freshNoise }
        device = engine.device
        timeType = TensorType([times.count], state[0].elementType)
        if let tolerance = solver.tolerance, let pair = solver as? any RungeKutta {
            method = .adaptive(
                try AdaptiveIntegrator(
                    name, AdaptiveSteps(type(of: pair).tableau, tolerance), constants: constants, state: state,
                    on: engine, velocity: velocity))
            return
        }
        let function = try engine.function(name, arguments: constants + state + [timeType]) { arguments in
            let flow = ProbabilityFlow(velocity(Array(arguments[..<constants.count])))
            return solver.integrate(
                arguments[constants.count..<constants.count + state.count].map { $0.splitAcrossDevices() },
                times: arguments[constants.count + state.count], first: Tensor(integer: 0),
                last: Tensor(integer: times.count - 1), flow
            ) { _ in [] }
        }
        method = .grid(function, times: times, evaluations: (times.count - 1) * solver.evaluationsPerStep)
    }

    /// Takes a state all the way.
    ///
    /// - Parameters:
    ///   - state: of the types it was made for
    ///   - constants: of the types it was made for
    ///   - direction: along the grid, or back
    ///   - onTime: told how far it has got, a time
    /// - Returns: the state at the other end, and how often the velocity was asked for
    /// - Throws: ``SamplingError/adaptiveSteps(time:)``, or what the device reports.
    package func integrate(
        _ state: [DeviceArray], constants: [DeviceArray], _ direction: FlowDirection,
        onTime: (Double) -> Void = { _ in }
    ) throws -> (state: [DeviceArray], evaluations: Int) {
        switch method {
        case .adaptive(let integrator):
            let (start, end) = direction == .toNoise ? (1.0, 0.0) : (0.0, 1.0)
            return try integrator.integrate(state, constants: constants, from: start, to: end, onAttempt: onTime)
        case .grid(let function, let times, let evaluations):
            let times = direction == .toNoise ? times.reversed() : times
            let grid =
                timeType.elementType == .float64
                ? try DeviceArray(times, timeType, on: device)
                : try DeviceArray(times.map { Float($0) }, timeType, on: device)
            return (try function(constants + state + [grid]), evaluations)
        }
    }
}
