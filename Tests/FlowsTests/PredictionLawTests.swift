import Flows
import NN
import Settings
import StableHLO
import Tensors
import TestSupport
import Testing

/// A network whose output is 1 + x + t, whatever the label.
private struct Sum: ConditionalNetwork {
    let unused = Parameter([1], .constant(0))
    let classCount = 1
    let imageShape = [1, 1, 2]

    func callAsFunction(_ x: Tensor, at time: Tensor, labels: Tensor, _ context: Context) -> Tensor {
        1 + x + time.reshaped(to: [x.shape[0], 1, 1, 1])
    }
}

@Suite("Every prediction on every path", .needsPlugin)
struct PredictionLawTests {
    static let (paths, predictions) = (ProbabilityPaths.registry.names, Predictions.registry.names)

    private func field(_ path: String, _ prediction: String) throws -> VelocityField {
        try VelocityField(
            Sum(), path: FlowsTests.path(path), prediction: FlowsTests.prediction(prediction))
    }

    @Test("gives the path's velocity, the data and the noise back from its target", arguments: paths, predictions)
    func thereAndBack(path: String, prediction: String) throws {
        let field = try field(path, prediction)
        let count = 21
        let times = field.regularTimes.inset(0.005).grid(count)
        var generator = SeededGenerator(seed: 8)
        let (data, noise) = (generator.array([count, 3], in: -2...2), generator.array([count, 3], in: -2...2))
        let results = try evaluate(data, noise, HostArray(times, [count], .float64)) {
            let point = field.path.point(data: $0[0], noise: $0[1], time: $0[2])
            let target = field.prediction.target(point)
            let ends = field.prediction.ends(of: target, at: point.x, point.coefficients)
            let velocity = field.prediction.velocity(of: target, at: point.x, point.coefficients)
            return [velocity, point.velocity, ends.data, ends.noise]
        }
        #expect(worstDifference(results[0], results[1]) < 1e-9)
        #expect(worstDifference(results[2], data.values) < 1e-9)
        #expect(worstDifference(results[3], noise.values) < 1e-9)
    }

    @Test("has the target that its combination of data and noise is", arguments: paths, predictions)
    func combination(path: String, prediction: String) throws {
        let field = try field(path, prediction)
        let times = field.regularTimes.inset(0.005).grid(9)
        var generator = SeededGenerator(seed: 9)
        let (data, noise) = (generator.array([9, 2]), generator.array([9, 2]))
        let results = try evaluate(data, noise, HostArray(times, [9], .float64)) {
            let point = field.path.point(data: $0[0], noise: $0[1], time: $0[2])
            let row = field.prediction.combination(point.coefficients)
            return [field.prediction.target(point), row.data * point.data + row.noise * point.noise]
        }
        #expect(worstDifference(results[0], results[1]) < 1e-12)
    }

    @Test("says by how much an error of the output is one of the data", arguments: paths, predictions)
    func errorScale(path: String, prediction: String) throws {
        let field = try field(path, prediction)
        let times = field.regularTimes.inset(0.01).grid(9)
        let ones = HostArray([Double](repeating: 1, count: 9), [9, 1], .float64)
        let results = try evaluate(ones, HostArray(times, [9], .float64)) { arguments in
            let (one, time) = (arguments[0], arguments[1])
            let c = field.path.coefficients(at: time.reshaped(to: [9, 1]))
            func data(_ output: Tensor) -> Tensor { field.prediction.ends(of: output, at: one, c).data }
            return [abs(data(one * 2) - data(one)), field.prediction.dataErrorScale(c)]
        }
        #expect(worstDifference(results[0], results[1]) < 1e-9)
    }

    @Test("has a finite velocity at every time from 0 to 1", arguments: paths, predictions)
    func finite(path: String, prediction: String) throws {
        let field = try field(path, prediction)
        let tree = try ParameterTree(of: Sum())
        let times = (0...1.0).grid(101)
        for type in [ElementType.float32, .float64] {
            let x = HostArray((0..<202).map { Double($0 % 7) - 3 }, [101, 1, 1, 2], type)
            let results = try evaluate(x, HostArray(times, [101], type), HostArray([0], [1], type)) { arguments in
                let context = Context(tree, values: [arguments[2]], mode: .evaluation)
                let labels = Tensor(integer: 0, shape: [101])
                return [
                    field(arguments[0], at: arguments[1], labels: labels, context), field.regular(arguments[1]),
                ]
            }
            #expect(results[0].allSatisfy { $0.isFinite && $0.magnitude < 1e6 })
            let range = field.regularTimes
            let expected = times.map { min(max($0, range.lowerBound), range.upperBound) }
            #expect(worstDifference(results[1], expected) < 1e-7)
        }
    }

    @Test("reads the network's output at the time nearest to the one asked for", arguments: paths, predictions)
    func nearestTime(path: String, prediction: String) throws {
        let field = try field(path, prediction)
        let tree = try ParameterTree(of: Sum())
        let (first, last) = (field.regularTimes.lowerBound, field.regularTimes.upperBound)
        let x = HostArray([1, -2, 3, 0.5, 1, -2, 3, 0.5], [4, 1, 1, 2], .float64)
        let results = try evaluate(x, HostArray([0, 1, first, last], [4], .float64), HostArray([0], [1], .float64)) {
            let context = Context(tree, values: [$0[2]], mode: .evaluation)
            return [field($0[0], at: $0[1], labels: Tensor(integer: 0, shape: [4]), context)]
        }[0]
        #expect(results[..<4] == results[4...])
    }
}
