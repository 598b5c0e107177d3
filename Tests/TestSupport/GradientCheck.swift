import Compute
import StableHLO
package import Tensors
package import Testing

/// A function whose derivative is compared with central differences.
package struct GradientCheck: Sendable {
    /// The shape of one input and the range its numbers are drawn from.
    package struct Input: Sendable {
        let shape: [Int]
        let range: ClosedRange<Double>

        package init(_ shape: [Int], _ range: ClosedRange<Double> = -1...1) {
            self.shape = shape
            self.range = range
        }
    }

    let name: String
    let inputs: [Input]
    let function: @Sendable ([Tensor]) -> Tensor

    /// - Parameter function: of float64 tensors of the inputs' shapes, to a float64 tensor of any shape
    package init(_ name: String, inputs: [Input], _ function: @escaping @Sendable ([Tensor]) -> Tensor) {
        self.name = name
        self.inputs = inputs
        self.function = function
    }

    package init(_ name: String, _ shapes: [Int]..., function: @escaping @Sendable ([Tensor]) -> Tensor) {
        self.init(name, inputs: shapes.map { Input($0) }, function)
    }

    fileprivate var elementCount: Int { inputs.reduce(0) { $0 + $1.shape.reduce(1, *) } }
}

/// Compares gradients of random linear functions of the checks' results with central differences, in float64, and
/// records an issue for each that is off by more than `tolerance` in units of 1 + its size.
///
/// All checks are one program; the difference quotients of all are taken at once, element by element.
package func expectGradients(
    _ checks: [GradientCheck], step: Double = 1e-5, tolerance: Double = 1e-6,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    var generator = SeededGenerator(seed: 1)
    let point = checks.flatMap { check in
        check.inputs.flatMap { generator.numbers($0.shape.reduce(1, *), in: $0.range) }
    }
    let engine = try Engine.shared
    let type = TensorType([point.count], .float64)
    let function = try engine.function("gradient_checks", arguments: [type]) { arguments in
        let parts = lossesAndGradients(checks, packed: arguments[0], &generator)
        return [.concatenated(parts.map(\.loss), along: 0), .concatenated(parts.map(\.gradient), along: 0)]
    }
    func run(_ values: [Double]) throws -> (losses: [Double], gradient: [Double]) {
        let results = try function([DeviceArray(values, type, on: engine.device)])
        return (try results[0].values(as: Double.self), try results[1].values(as: Double.self))
    }

    let gradient = try run(point).gradient
    let starts = checks.indices.map { checks[..<$0].reduce(0) { $0 + $1.elementCount } }
    for element in 0..<(checks.map(\.elementCount).max() ?? 0) {
        let moved = checks.indices.filter { element < checks[$0].elementCount }
        func losses(_ offset: Double) throws -> [Double] {
            var values = point
            for index in moved { values[starts[index] + element] += offset }
            return try run(values).losses
        }
        let (above, below) = (try losses(step), try losses(-step))
        for index in moved {
            let expected = (above[index] - below[index]) / (2 * step)
            let actual = gradient[starts[index] + element]
            if !(abs(actual - expected) <= tolerance * (1 + abs(expected))) {
                Issue.record(
                    "\(checks[index].name): element \(element) has gradient \(actual), differences give \(expected)",
                    sourceLocation: sourceLocation)
            }
        }
    }
}

/// For each check a loss, (1), and its gradient, (elements).
private func lossesAndGradients(
    _ checks: [GradientCheck], packed: Tensor, _ generator: inout SeededGenerator
) -> [(loss: Tensor, gradient: Tensor)] {
    var start = 0
    return checks.map { check in
        let inputs = check.inputs.map { input in
            let count = input.shape.reduce(1, *)
            defer { start += count }
            return packed.sliced(start..<start + count, along: 0).reshaped(to: input.shape)
        }
        let result = check.function(inputs)
        let weights = generator.numbers(result.elementCount, in: 0.5...1.5).map { Float($0) }
        let loss = (result * Tensor(weights, shape: result.shape).converted(to: .float64)).sum()
        let gradient = gradients(of: loss, withRespectTo: inputs).map { $0.reshaped(to: [$0.elementCount]) }
        return (loss.reshaped(to: [1]), .concatenated(gradient, along: 0))
    }
}
