import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Derivatives of elementwise operations", .needsPlugin)
struct ElementwiseGradientTests {
    private typealias Input = GradientCheck.Input

    @Test("Functions of one tensor")
    func unary() throws {
        let shapes = [[], [1], [2, 3], [2, 0]]
        let checks = UnaryOperation.allCases.flatMap { operation -> [GradientCheck] in
            let range: ClosedRange<Double>
            switch operation {
            case .not, .isFinite: return []
            case .log, .rsqrt, .sqrt: range = 0.3...2
            case .logPlusOne, .erfInverse: range = -0.7...0.9
            default: range = -1.5...1.5
            }
            return shapes.map { shape in
                GradientCheck("\(operation) \(shape)", inputs: [Input(shape, range)]) { $0[0].unary(operation) }
            }
        }
        try expectGradients(checks)
    }

    @Test("Functions of two tensors, broadcast")
    func binary() throws {
        let shapes: [([Int], [Int])] = [
            ([], []), ([3], [3]), ([2, 3], [3]), ([2, 1], [1, 3]), ([], [2, 2]), ([1, 1], [2]), ([0], [1]),
            ([2, 1, 2], [3, 1]),
        ]
        let operations: [BinaryOperation] = [
            .add, .subtract, .multiply, .divide, .maximum, .minimum, .power, .remainder,
        ]
        let checks = operations.flatMap { operation in
            shapes.map { left, right in
                let range: ClosedRange<Double> = operation == .power ? 0.4...2 : -2...2
                let divisor: ClosedRange<Double> = operation == .remainder || operation == .divide ? 0.6...0.9 : range
                return GradientCheck(
                    "\(operation) \(left) \(right)", inputs: [Input(left, range), Input(right, divisor)]
                ) {
                    Tensor.binary(operation, $0[0], $0[1])
                }
            }
        }
        try expectGradients(checks)
    }

    @Test("Operators with numbers and one tensor used twice")
    func operators() throws {
        let range: ClosedRange<Double> = 0.5...1.5
        let checks: [(String, @Sendable (Tensor) -> Tensor)] = [
            ("x + 2", { $0 + 2 }), ("2 + x", { 2 + $0 }), ("x - 2", { $0 - 2 }), ("2 - x", { 2 - $0 }),
            ("x * 3", { $0 * 3 }), ("3 * x", { 3 * $0 }), ("x / 3", { $0 / 3 }), ("3 / x", { 3 / $0 }),
            ("-x", { -$0 }), ("x squared", { $0.squared() }), ("x ^ 3", { $0.power(3) }),
            ("x ^ -0.5", { $0.power(-0.5) }),
            ("x * x + x", { $0 * $0 + $0 }), ("x ^ x", { $0.power($0) }), ("x - x", { $0 - $0 }),
            ("silu", { silu($0) }), ("gelu", { gelu($0) }), ("softplus", { softplus($0) }),
            ("softplus of -x", { softplus(-$0) }),
        ]
        try expectGradients(
            checks.map { name, function in GradientCheck(name, inputs: [Input([2, 2], range)]) { function($0[0]) } })
    }

    @Test("Selection")
    func selection() throws {
        let checks = [
            GradientCheck("same shapes", [3], [3], [3]) { $0[0].compared(.less, to: 0).select($0[1], $0[2]) },
            GradientCheck("broadcast condition", [3, 1], [3, 2], [2]) {
                $0[0].compared(.less, to: 0).select($0[1], $0[2])
            },
            GradientCheck("broadcast values", [2, 3], [], [1]) { $0[0].compared(.less, to: 0).select($0[1], $0[2]) },
            GradientCheck("nothing", [0], [0], []) { $0[0].compared(.less, to: 0).select($0[1], $0[2]) },
        ]
        try expectGradients(checks)
    }

    @Test("Equal arguments of a maximum or minimum share the gradient")
    func ties() throws {
        let x = HostArray([1, 2], [2])
        let results = try evaluate(x, HostArray([1, 2], [2])) { arguments in
            [arguments[0].maximum(arguments[1]), arguments[0].minimum(arguments[1])].flatMap {
                gradients(of: $0.sum(), withRespectTo: arguments)
            }
        }
        #expect(results == Array(repeating: [0.5, 0.5], count: 4))
    }

    @Test("Powers of zero have finite gradients")
    func powersOfZero() throws {
        let results = try evaluate(HostArray([0, 0, 0, 2], [4]), HostArray([0, 1, 2, 0], [4])) { arguments in
            gradients(of: arguments[0].power(arguments[1]).sum(), withRespectTo: arguments)
        }
        #expect(results[0] == [0, 1, 0, 0])
        #expect(worstDifference(results[1], [0, 0, 0, 0.693147]) < 1e-5)
    }

    @Test("Conversion between floating-point types passes gradients, to integers none")
    func conversion() throws {
        let results = try evaluate(HostArray([1.5, -2.5], [2], .float64)) { arguments in
            let x = arguments[0]
            let rounded = x.converted(to: .float32).squared().sum().converted(to: .float64)
            let truncated = (x.converted(to: .int32).converted(to: .float64) * x).sum()
            return gradients(of: rounded, withRespectTo: [x]) + gradients(of: truncated, withRespectTo: [x])
        }
        #expect(results == [[3, -5], [1, -2]])
    }

    @Test("A tensor that is not reached has a gradient of zeros")
    func notReached() throws {
        let inputs = [HostArray([1, 2], [2]), HostArray([3], [1]), HostArray([2, 1], [2], .int32)]
        let results = try evaluate(inputs) { arguments in
            let unreached = arguments[1] + 1
            let stepwise = arguments[0].unary(.floor).sum() + arguments[2].converted(to: .float32).sum()
            return gradients(of: stepwise, withRespectTo: [arguments[0], arguments[1], unreached])
                + gradients(of: arguments[0].sum(), withRespectTo: [arguments[0], arguments[0] * 2])
        }
        #expect(results == [[0, 0], [0], [0], [1, 1], [0, 0]])
    }

    @Test("Gradients with respect to tensors within the computation, and of a value to itself")
    func intermediate() throws {
        let results = try evaluate(HostArray([2], [])) { arguments in
            let y = arguments[0] * 3
            let z = y.squared() + arguments[0]
            return gradients(of: z, withRespectTo: [y, arguments[0], z])
        }
        #expect(results == [[12], [37], [1]])
    }

    @Test("A vector-Jacobian product sums over its values")
    func product() throws {
        let results = try evaluate(HostArray([2, 3], [2])) { arguments in
            let x = arguments[0]
            return pullback(
                of: [x * 2, x.squared()], withRespectTo: [x],
                cotangents: [Tensor(10, shape: [2]), Tensor([1, 100] as [Float], shape: [2])])
        }
        #expect(results == [[24, 620]])
    }
}
