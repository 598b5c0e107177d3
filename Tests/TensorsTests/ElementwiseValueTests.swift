import Foundation
import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Values of elementwise operations", .needsPlugin)
struct ElementwiseValueTests {
    @Test("Functions are the ones of their names")
    func functions() throws {
        let functions: [(String, @Sendable (Tensor) -> Tensor, @Sendable (Double) -> Double)] = [
            ("abs", Tensors.abs, { Swift.abs($0) }), ("exp", Tensors.exp, { Foundation.exp($0) }),
            ("expMinusOne", expMinusOne, { expm1($0) }), ("log", Tensors.log, { Foundation.log($0) }),
            ("logOnePlus", logOnePlus, { log1p($0) }), ("sin", Tensors.sin, { Foundation.sin($0) }),
            ("cos", Tensors.cos, { Foundation.cos($0) }), ("tanh", Tensors.tanh, { Foundation.tanh($0) }),
            ("sqrt", Tensors.sqrt, { $0.squareRoot() }), ("rsqrt", rsqrt, { 1 / $0.squareRoot() }),
            ("erf", Tensors.erf, { Foundation.erf($0) }), ("sigmoid", sigmoid, { 1 / (1 + Foundation.exp(-$0)) }),
            ("silu", silu, { $0 / (1 + Foundation.exp(-$0)) }),
            ("gelu", gelu, { 0.5 * $0 * (1 + Foundation.erf($0 / 2.0.squareRoot())) }),
            ("softplus", softplus, { log1p(Foundation.exp($0)) }),
            ("floor", { $0.unary(.floor) }, { $0.rounded(.down) }), ("ceil", { $0.unary(.ceil) }, { $0.rounded(.up) }),
            ("power", { $0.power(2.5) }, { pow($0, 2.5) }),
            ("remainder", { .binary(.remainder, $0, $0.squared() + 0.3) }, { fmod($0, $0 * $0 + 0.3) }),
        ]
        let points = [0.03, 0.4, 1, 2.7, 9]
        let results = try evaluate(HostArray(points, [5], .float64)) { arguments in functions.map { $0.1(arguments[0]) }
        }
        for (function, values) in zip(functions, results) {
            #expect(worstDifference(values, points.map(function.2)) < 1e-12, "\(function.0)")
        }
    }

    @Test("Softplus does not overflow and the inverse error function inverts")
    func range() throws {
        let results = try evaluate(HostArray([-1000, 1000], [2]), HostArray([-0.9, 0, 0.5], [3], .float64)) {
            [softplus($0[0]), erf($0[1].unary(.erfInverse))]
        }
        #expect(results[0] == [0, 1000])
        #expect(worstDifference(results[1], [-0.9, 0, 0.5]) < 1e-12)
    }

    @Test("Integers and booleans")
    func integers() throws {
        let inputs = [HostArray([12, 7], [2], .uint32), HostArray([10, 2], [2], .uint32)]
        let results = try evaluate(inputs) { arguments in
            let (a, b) = (arguments[0], arguments[1])
            let less = a.compared(.less, to: b)
            return [a & b, a | b, a ^ b, a << b, a >> b, a % b, !less, less.any(), a.converted(to: .float32) / 2]
        }
        #expect(results == [[8, 2], [14, 7], [6, 5], [12288, 28], [0, 1], [2, 1], [1, 1], [0], [6, 3.5]])
    }

    @Test("Comparisons", arguments: ComparisonDirection.allCases)
    func comparisons(comparison: ComparisonDirection) throws {
        let results = try evaluate(HostArray([1, 2, 3], [3]), HostArray([2], [])) {
            [$0[0].compared(comparison, to: $0[1])]
        }
        let expected: [Double] =
            switch comparison {
            case .equal: [0, 1, 0]
            case .notEqual: [1, 0, 1]
            case .less: [1, 0, 0]
            case .lessOrEqual: [1, 1, 0]
            case .greater: [0, 0, 1]
            case .greaterOrEqual: [0, 1, 1]
            }
        #expect(results == [expected])
    }

    @Test("Constants keep every bit, infinities and not-a-number included")
    func constants() throws {
        let results = try evaluate(HostArray([0], [])) { _ in
            [
                Tensor(1e-40), Tensor(.infinity), Tensor(-.infinity, elementType: .float64), Tensor(.nan),
                Tensor(0.1, elementType: .float64), Tensor([1.5, -2] as [Float], shape: [2]),
                Tensor([3, -4] as [Int32], shape: [2, 1]),
                .iota([2, 2], dimension: 1), Tensor(integer: -5, elementType: .int64),
                Tensor([] as [Float], shape: [0]),
                Tensor(3.25, elementType: .float16), Tensor(1.7e308, elementType: .float64),
            ]
        }
        #expect(results[0] == [Double(Float(bitPattern: 71362))])
        #expect(results[1] == [.infinity])
        #expect(results[2] == [-.infinity])
        #expect(results[3][0].isNaN)
        #expect(Array(results[4...]) == [[0.1], [1.5, -2], [3, -4], [0, 1, 0, 1], [-5], [], [3.25], [1.7e308]])
    }
}
