package import Compute
package import Flows
package import StableHLO
package import Tensors

/// Integrates a batch with steps as long as a tolerance allows, driven from the host: an attempted step of all rows is one
/// executable, and the host asks after each whether all have arrived.
///
/// Anything that can be traced can be integrated: a state of one tensor or several, forwards or backwards in time.
package struct AdaptiveIntegrator: Sendable {
    private let steps: AdaptiveSteps
    private let device: DeviceGroup
    private let timeType: TensorType
    private let stateCount: Int
    private let begin: CompiledFunction
    private let attempt: CompiledFunction

    /// After so many attempts of one integration it is given up.
    private static let mostAttempts = 100_000

    /// Compiles what an integration needs.
    ///
    /// - Parameters:
    ///   - name: for messages
    ///   - steps: how they are cut to a tolerance
    ///   - constants: what the velocity needs beside state and time: weights, labels, probes
    ///   - state: of floating-point elements, each (batch, ...)
    ///   - engine: what it runs on
    ///   - velocity: of the constants; its times are (batch)
    package init(
        _ name: String, _ steps: AdaptiveSteps, constants: [TensorType], state: [TensorType], on engine: Engine,
        velocity: (_ constants: [Tensor]) -> ProbabilityFlow.Velocity
    ) throws {
        self.steps = steps
        device = engine.device
        timeType = TensorType([], state[0].elementType)
        stateCount = state.count
        let scalars = [timeType, timeType]
        begin = try engine.function("\(name)_begin", arguments: constants + scalars + state) { arguments in
            let rest = arguments[constants.count...]
            let (times, start) = (rest.prefix(2), rest.dropFirst(2).map { $0.splitAcrossDevices() })
            let velocity = velocity(Array(arguments[..<constants.count]))
            return steps.begin(start, at: times.first ?? rest[0], to: times.last ?? rest[0], velocity).list
        }
        attempt = try engine.function(
            "\(name)_attempt", arguments: constants + [timeType] + begin.resultTypes
        ) { arguments in
            let velocity = velocity(Array(arguments[..<constants.count]))
            let progress = arguments[(constants.count + 1)...].map { $0.splitAcrossDevices() }
            return steps.attempt(AdaptiveSteps.Progress(progress), to: arguments[constants.count], velocity).list
        }
    }

    /// Takes a state from one time to another, which may be the earlier.
    ///
    /// - Parameters:
    ///   - state: of the types it was made for
    ///   - constants: of the types it was made for
    ///   - start: the time of the state
    ///   - end: the time wanted, which may be the earlier
    ///   - onAttempt: told the time of the row that is furthest behind
    /// - Returns: the state at `end`, and how often the velocity was asked for
    /// - Throws: ``SamplingError/adaptiveSteps(time:)`` where steps become too short, or what the device reports.
    package func integrate(
        _ state: [DeviceArray], constants: [DeviceArray], from start: Double, to end: Double,
        onAttempt: (Double) -> Void = { _ in }
    ) throws -> (state: [DeviceArray], evaluations: Int) {
        guard start != end else { return (state, 0) }
        let (first, last) = (try scalar(start), try scalar(end))
        let goal = try numbers(last)[0]
        var progress = try begin(constants + [first, last] + state)
        var evaluations = steps.evaluationsAtBeginning
        for _ in 0..<AdaptiveIntegrator.mostAttempts {
            progress = try attempt(constants + [last] + progress)
            evaluations += steps.evaluationsPerAttempt
            let times = try numbers(progress[2 * stateCount])
            let furthest = times.max { abs($0 - goal) < abs($1 - goal) } ?? goal
            onAttempt(furthest)
            if furthest == goal { return (Array(progress[..<stateCount]), evaluations) }
            // A step that no longer changes the time leads nowhere.
            let lengths = try numbers(progress[2 * stateCount + 1])
            for (time, length) in zip(times, lengths) where time != goal {
                guard abs(length) > max(abs(time), abs(goal)) * smallestStep else {
                    throw SamplingError.adaptiveSteps(time: time)
                }
            }
        }
        throw SamplingError.adaptiveSteps(time: try numbers(progress[2 * stateCount]).min() ?? start)
    }

    /// In parts of a time.
    private var smallestStep: Double { timeType.elementType == .float64 ? 0x1p-52 : 0x1p-23 }

    private func scalar(_ value: Double) throws -> DeviceArray {
        timeType.elementType == .float64
            ? try DeviceArray([value], timeType, on: device) : try DeviceArray([Float(value)], timeType, on: device)
    }

    private func numbers(_ array: DeviceArray) throws -> [Double] {
        timeType.elementType == .float64
            ? try array.values(as: Double.self) : try array.values(as: Float.self).map(Double.init)
    }
}
