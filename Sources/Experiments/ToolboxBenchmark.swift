package import Compute
import Flows
import Foundation
import Settings
import StableHLO
import Tensors
import Training

/// Seconds of the toolbox's parts alone: a coupling of a batch, a way of a solver through a field known in closed form.
package struct ToolboxBenchmark {
    private let engine: Engine
    private var functions: [String: (CompiledFunction, [DeviceArray])] = [:]

    /// Numbers of an image, as MNIST's have.
    private static let pixels = 28 * 28

    package init(on engine: Engine) { self.engine = engine }

    /// A command that there is nothing for.
    package struct UnknownCommand: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs one command and tells its seconds; what it needs is compiled at its first time and not counted.
    ///
    /// - Parameter command: `coupling KIND BATCH`, `coupling KIND-within-classes BATCH`, or `solver KIND BATCH STEPS`
    /// - Throws: ``UnknownCommand``, or what the device reports.
    package mutating func seconds(_ command: String) throws -> Double {
        if functions[command] == nil {
            let made = try make(command.split(separator: " ").map(String.init), command)
            functions[command] = made
            _ = try made.0(made.1)[0].values(as: Float.self)
        }
        guard let (function, arguments) = functions[command] else { return 0 }
        let start = ContinuousClock.now
        _ = try function(arguments)[0].values(as: Float.self)
        return start.secondsUntilNow
    }

    private func make(_ words: [String], _ command: String) throws -> (CompiledFunction, [DeviceArray]) {
        let sizes = words.dropFirst(2).compactMap { Int($0) }
        guard words.count > 2, sizes.count == words.count - 2, sizes.allSatisfy((1...100_000).contains) else {
            throw UnknownCommand(description: "'\(command)' is neither coupling KIND BATCH nor solver KIND BATCH STEPS")
        }
        switch (words[0], sizes.count) {
        case ("coupling", 1):
            let suffix = "-within-classes"
            let isWithin = words[1].hasSuffix(suffix)
            let kind = isWithin ? String(words[1].dropLast(suffix.count)) : words[1]
            let settings =
                [Assignment("coupling", .text(kind), from: command)]
                + (isWithin ? [Assignment("coupling.within_classes", .flag(true), from: command)] : [])
            return try coupling(RunConfiguration().applying(settings).coupling, batch: sizes[0])
        case ("solver", 2):
            let settings = [Assignment("solver", .text(words[1]), from: command)]
            return try solver(RunConfiguration().applying(settings).solver, batch: sizes[0], steps: sizes[1])
        default: throw UnknownCommand(description: "'\(command)' is no command")
        }
    }

    /// Noise and images of a batch, drawn once.
    private func coupling(_ coupling: any Coupling, batch: Int) throws -> (CompiledFunction, [DeviceArray]) {
        let type = TensorType([batch, ToolboxBenchmark.pixels])
        let drawn = try engine.function("points", arguments: []) { _ in
            let random = RandomStream(seed: Tensor(integer: 1, elementType: .uint64))
            return [random.stream("noise").normal(type.shape), random.stream("data").uniform(type.shape) * 2 - 1]
        }([])
        let function = try engine.function("coupling", arguments: [type, type]) { arguments in
            [
                coupling.paired(
                    noise: arguments[0], with: arguments[1],
                    labels: Tensor.iota([batch]) % Tensor(integer: 10),
                    RandomStream(seed: Tensor(integer: 2, elementType: .uint64)))
            ]
        }
        return (function, drawn)
    }

    /// A way along the linear path's field of three Gaussians in the plane.
    private func solver(_ solver: any Solver, batch: Int, steps: Int) throws -> (CompiledFunction, [DeviceArray]) {
        let mixture = GaussianMixture(
            weights: [0.2, 0.3, 0.5], means: [[-1, 0], [1, 0.5], [0, -1]], deviations: [0.3, 0.4, 0.5])
        let type = TensorType([batch, 2])
        let drawn = try engine.function("points", arguments: []) { _ in
            [RandomStream(seed: Tensor(integer: 1, elementType: .uint64)).normal(type.shape)]
        }([])
        let function = try engine.function("solver", arguments: [type]) { arguments in
            let x = arguments[0]
            let times = Tensor.iota([steps + 1], elementType: x.elementType) / Double(steps)
            let flow = ProbabilityFlow { state, time in [mixture.velocity(state[0], at: time, along: LinearPath())] }
            let random = RandomStream(seed: Tensor(integer: 2, elementType: .uint64))
            return solver.integrate(
                [x], times: times, first: Tensor(integer: 0), last: Tensor(integer: steps), flow
            ) { [random.stream($0).normal(type.shape)] }
        }
        return (function, drawn)
    }
}
