import Foundation

/// A request that no sampler can serve.
public enum SamplingError: Error, Equatable, CustomStringConvertible {
    /// A label that is neither one of the network's nor the null label.
    case labelOutOfRange(Int, nullLabel: Int)
    /// A number of steps below 1.
    case stepCount(Int)
    /// Steps of adaptive length became too short, or too many.
    case adaptiveSteps(time: Double)
    /// Steps of adaptive length, of which no program is the whole way.
    case hostDrivenSteps
    /// Steps that add noise, from noise of no one seed or on a way that leads back.
    case freshNoise

    public var description: String {
        switch self {
        case .labelOutOfRange(let label, let null):
            null == 0
                ? "label \(label) is out of range; the network knows no labels, use 0 for none"
                : "label \(label) is out of range; use 0 to \(null - 1), or \(null) for no label"
        case .stepCount(let count): "\(count) sampling steps are too few; use 1 or more"
        case .hostDrivenSteps:
            "how long adaptive steps are, the computer decides that runs the program, so they are no part of one; use a "
                + "fixed grid (solver.adaptive=false) or another solver"
        case .freshNoise:
            "the solver adds noise on its way, so that where an image begins does not say where it ends; use a solver "
                + "without noise, such as heun"
        case .adaptiveSteps(let time):
            "at time \(String(format: "%.4f", time)) no step is short enough for the solver's tolerances: the velocity is "
                + "not a number, or too steep; allow a larger error (solver.relative_tolerance, solver.absolute_tolerance) "
                + "or use a fixed grid (solver.adaptive=false)"
        }
    }
}
