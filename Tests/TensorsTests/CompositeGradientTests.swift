import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Derivatives of composites and second derivatives", .needsPlugin)
struct CompositeGradientTests {
    /// x^2 y and x + y, with a rule of its own that is a composite too.
    private static func withRule(_ x: Tensor, _ y: Tensor) -> [Tensor] {
        Composite.apply(
            "test.rule", to: [x, y],
            pullback: { operands, _, cotangents in
                let (x, y) = (operands[0], operands[1])
                let zero = Tensor(0, shape: x.shape, elementType: x.elementType)
                return Composite.apply(
                    "test.rule_backward", to: [x, y, cotangents[0] ?? zero, cotangents[1] ?? zero]
                ) { [2 * $0[0] * $0[1] * $0[2] + $0[3], $0[0].squared() * $0[2] + $0[3]] }
            },
            decomposition: { [$0[0].squared() * $0[1], $0[0] + $0[1]] })
    }

    private static func withoutRule(_ x: Tensor, _ y: Tensor) -> [Tensor] {
        Composite.apply("test.no_rule", to: [x, y]) { [sin($0[0]) * $0[1], exp($0[0]), $0[1]] }
    }

    /// 3 x, whose cotangent can be added to another.
    private static func withSum(_ x: Tensor) -> Tensor {
        Composite.apply(
            "test.triple", to: [x],
            pullback: { _, _, cotangents in
                guard let g = cotangents[0] else { return [nil] }
                return Composite.apply(
                    "test.triple_backward", to: [g],
                    sum: { operands, addend in
                        Composite.apply("test.triple_backward_sum", to: operands + [addend]) { [$0[1] + 3 * $0[0]] }[0]
                    },
                    decomposition: { [3 * $0[0]] })
            },
            decomposition: { [3 * $0[0]] })[0]
    }

    @Test("With a rule, without one, nested, and with some results unused")
    func composites() throws {
        let checks = [
            GradientCheck("rule, first result", [3], [3]) { Self.withRule($0[0], $0[1])[0] },
            GradientCheck("rule, second result", [3], [3]) { Self.withRule($0[0], $0[1])[1] },
            GradientCheck("rule, both", [3], [3]) {
                let r = Self.withRule($0[0], $0[1])
                return r[0] * r[1]
            },
            GradientCheck("rule, same operand twice", [3]) { Self.withRule($0[0], $0[0])[0] },
            GradientCheck("no rule, all results", [3], [3]) {
                let r = Self.withoutRule($0[0], $0[1])
                return r[0] * r[1] + r[2]
            },
            GradientCheck("no rule, one result", [3], [3]) { Self.withoutRule($0[0], $0[1])[1] },
            GradientCheck("sum of cotangents", [3]) { sin(Self.withSum($0[0])) * Self.withSum($0[0]) * $0[0] },
            GradientCheck("chained", [3], [3]) { Self.withoutRule(Self.withRule($0[0], $0[1])[0], $0[1])[0] },
            GradientCheck("nested", [3], [3]) {
                Composite.apply("test.outer", to: [$0[0], $0[1]]) { [exp(Self.withRule($0[0], $0[1])[0])] }[0]
            },
        ]
        try expectGradients(checks)
    }

    @Test("Derivatives of derivatives")
    func second() throws {
        @Sendable func derivative(_ x: Tensor, _ f: (Tensor) -> Tensor) -> Tensor {
            gradients(of: f(x).sum(), withRespectTo: [x])[0]
        }
        let functions: [(String, @Sendable (Tensor) -> Tensor)] = [
            ("exp", { exp($0) }), ("silu", { silu($0) }), ("gelu", { gelu($0) }), ("tanh", { tanh($0) }),
            ("rsqrt", { rsqrt($0.squared() + 1) }), ("softmax", { softmax($0).squared() }), ("cube", { $0.power(3) }),
            ("quotient", { sin($0) / (2 + $0) }), ("max", { $0.max(along: [1]).squared() }),
            ("product", { $0.matmul($0.transposed()).squared() }),
            ("rows", { $0.rows(at: Tensor([1, 1, 5] as [Int32], shape: [3])).power(3) }),
            ("window", { $0.dynamicSlice(at: [Tensor(integer: 1), Tensor(integer: 7)], sizes: [1, 2]).power(3) }),
            ("padding", { $0.padded(low: [1, -1], high: [0, 0], interior: [1, 0]).power(3) }),
            ("composite", { Self.withRule($0, sin($0))[0] }),
            ("sum of cotangents", { sin(Self.withSum($0)) * Self.withSum($0) }),
        ]
        let checks = functions.map { name, function in
            GradientCheck(name, inputs: [.init([2, 3], 0.3...1.2)]) { derivative($0[0], function) }
        }
        let convolution = GradientCheck("convolution", [1, 4, 4, 2], [2, 2, 3, 3]) { arguments in
            let y = arguments[0].convolved(with: arguments[1], stride: 2, padding: 1)
            let first = gradients(of: y.squared().sum(), withRespectTo: [arguments[0], arguments[1]])
            return first[0].sum() * 0.1 + (first[1] * arguments[1]).sum()
        }
        try expectGradients(checks + [convolution])
    }

    @Test("A third derivative")
    func third() throws {
        let results = try evaluate(HostArray([0.5], [], .float64)) { arguments in
            var y = sin(arguments[0] * 2)
            for _ in 0..<3 { y = gradients(of: y, withRespectTo: arguments)[0] }
            return [y]
        }
        #expect(worstDifference(results[0], [-8 * 0.5403023058681398]) < 1e-12)
    }
}
