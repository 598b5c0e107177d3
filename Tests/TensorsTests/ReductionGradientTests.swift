import StableHLO
import TestSupport
import Testing

@testable import Tensors

@Suite("Derivatives of reductions and products", .needsPlugin)
struct ReductionGradientTests {
    @Test("Sum, mean, maximum, minimum and product over some, all and no dimensions")
    func reductions() throws {
        let cases: [(shape: [Int], dimensions: [Int]?)] = [
            ([4], nil), ([2, 3], [0]), ([2, 3], [1]), ([2, 3, 2], [0, 2]), ([2, 3], []), ([], nil), ([1, 3], [0]),
            ([1], nil),
        ]
        let checks = cases.flatMap { shape, dimensions -> [GradientCheck] in
            let name = "\(shape) along \(dimensions.map { "\($0)" } ?? "all")"
            return [
                GradientCheck("sum \(name)", shape) { exp($0[0].sum(along: dimensions)) },
                GradientCheck("mean \(name)", shape) { exp($0[0].mean(along: dimensions, keepingDimensions: true)) },
                GradientCheck("max \(name)", shape) { exp($0[0].max(along: dimensions)) },
                GradientCheck("min \(name)", shape) { $0[0].min(along: dimensions, keepingDimensions: true) },
                GradientCheck("product \(name)", inputs: [.init(shape, 0.5...1.5)]) {
                    let one = Tensor(1, elementType: .float64)
                    let all = Array($0[0].shape.indices)
                    return Tensor.apply(Reduce(.multiply, dimensions: dimensions ?? all), $0[0], one)
                },
            ]
        }
        let empty = [
            GradientCheck("sum of nothing", [2, 0]) { $0[0].sum(along: [1]) },
            GradientCheck("sum to nothing", [2, 0]) { $0[0].sum(along: [0]) },
            GradientCheck("start of a sum", [3], []) { exp(Tensor.apply(Reduce(.add, dimensions: [0]), $0[0], $0[1])) },
        ]
        try expectGradients(checks + empty)
    }

    @Test("Equal extremes share the gradient")
    func ties() throws {
        let results = try evaluate(HostArray([3, 1, 3, 1], [4])) { arguments in
            gradients(of: arguments[0].max(), withRespectTo: arguments)
                + gradients(of: arguments[0].min(), withRespectTo: arguments)
        }
        #expect(results == [[0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5]])
    }

    @Test("Softmax sums to one, also far from zero, and has the right derivative")
    func softmaxValues() throws {
        let results = try evaluate(HostArray([1000, 1001, -1000, 0, 0, 0], [2, 3])) { [softmax($0[0])] }
        #expect(worstDifference(results[0], [0.268941, 0.731059, 0, 1 / 3, 1 / 3, 1 / 3]) < 1e-5)
        let checks = [[4], [2, 3], [2, 1], [2, 2, 3]].map { shape in
            GradientCheck("softmax \(shape)", inputs: [.init(shape, -2...2)]) { softmax($0[0]) }
        }
        try expectGradients(checks)
    }

    @Test("General products in every arrangement of dimensions")
    func dotGeneral() throws {
        typealias Roles = (batchLeft: [Int], batchRight: [Int], left: [Int], right: [Int])
        let cases: [(String, [Int], [Int], Roles)] = [
            ("vectors", [3], [3], ([], [], [0], [0])), ("outer", [2], [3], ([], [], [], [])),
            ("matrices", [2, 3], [3, 4], ([], [], [1], [0])), ("both transposed", [3, 2], [4, 3], ([], [], [0], [1])),
            ("one batch", [2, 3, 4], [2, 4, 2], ([0], [0], [2], [1])),
            ("batch elsewhere", [3, 2, 4], [4, 3, 2], ([1], [2], [2], [0])),
            ("two batches crossed", [2, 3, 2, 4], [3, 2, 4, 2], ([0, 1], [1, 0], [3], [2])),
            ("two contractions crossed", [2, 3, 4], [4, 2, 3], ([], [], [1, 2], [2, 0])),
            ("two contractions, free last", [3, 4, 2], [4, 5, 3], ([], [], [0, 1], [2, 0])),
            ("batch, two contractions", [3, 2, 4, 2], [2, 2, 3, 4], ([1], [0], [2, 0], [3, 2])),
            ("only batch", [2, 3], [3, 2], ([0, 1], [1, 0], [], [])),
            ("scalars", [], [], ([], [], [], [])), ("sizes of one", [1, 1], [1, 1], ([], [], [1], [0])),
            ("empty contraction", [2, 0], [0, 3], ([], [], [1], [0])),
            ("empty result", [0, 2], [2, 3], ([], [], [1], [0])),
        ]
        let checks = cases.map { name, left, right, roles in
            GradientCheck("\(name)", left, right) {
                $0[0].dot($0[1], batching: roles.batchLeft, roles.batchRight, contracting: roles.left, roles.right)
            }
        }
        try expectGradients(checks)
    }

    @Test("Matrix products, batched and broadcast")
    func matmul() throws {
        let shapes: [([Int], [Int])] = [
            ([2, 3], [3, 4]), ([5, 2, 3], [3, 2]), ([2, 2, 3], [2, 3, 2]), ([2, 1, 2, 3], [3, 3, 2]),
            ([2, 3], [2, 3, 2]),
            ([1, 1], [1, 1]), ([0, 2, 3], [3, 2]),
        ]
        let checks = shapes.map { left, right in GradientCheck("\(left) \(right)", left, right) { $0[0].matmul($0[1]) }
        }
        try expectGradients(checks)
    }
}
