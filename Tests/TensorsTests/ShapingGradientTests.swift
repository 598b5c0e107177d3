import StableHLO
import TestSupport
import Testing

@testable import Tensors

@Suite("Derivatives of operations that move elements", .needsPlugin)
struct ShapingGradientTests {
    @Test("Reshape, transpose, reverse, broadcast")
    func rearranging() throws {
        let checks = [
            GradientCheck("reshape", [2, 3]) { exp($0[0]).reshaped(to: [3, 2, 1]) },
            GradientCheck("reshape to scalar", [1, 1]) { exp($0[0]).reshaped(to: []) },
            GradientCheck("reshape of nothing", [2, 0]) { $0[0].reshaped(to: [0, 5]) },
            GradientCheck("transpose", [2, 3, 4]) { $0[0].transposed([2, 0, 1]) },
            GradientCheck("last two", [2, 3, 1]) { $0[0].transposed() },
            GradientCheck("reverse", [2, 3]) { $0[0].reversed(along: [1]) },
            GradientCheck("reverse both", [2, 1]) { $0[0].reversed(along: [0, 1]) },
            GradientCheck("broadcast", [3]) { $0[0].broadcast(to: [2, 3]) },
            GradientCheck("broadcast scalar", []) { $0[0].broadcast(to: [2, 2]) },
            GradientCheck("stretch", [2, 1, 3]) { $0[0].broadcast(to: [4, 2, 5, 3]) },
            GradientCheck("stretch to nothing", [1]) { $0[0].broadcast(to: [2, 0]) },
            GradientCheck("broadcast in another order", [2, 3]) {
                Tensor.apply(BroadcastInDim(to: [3, 4, 2], dimensions: [2, 0]), $0[0])
            },
            GradientCheck("broadcast and stretch in another order", [2, 1]) {
                Tensor.apply(BroadcastInDim(to: [3, 4, 2], dimensions: [2, 0]), $0[0])
            },
        ]
        try expectGradients(checks)
    }

    @Test("Slice, pad, concatenate")
    func cutting() throws {
        let checks = [
            GradientCheck("slice", [5, 2]) { $0[0].sliced(1..<4, along: 0) },
            GradientCheck("strided slice, exact", [5]) { $0[0].sliced(0..<5, along: 0, stride: 2) },
            GradientCheck("strided slice, rest left", [7]) { $0[0].sliced(1..<7, along: 0, stride: 3) },
            GradientCheck("strided slice, one element", [7]) { $0[0].sliced(5..<7, along: 0, stride: 4) },
            GradientCheck("empty slice", [3]) { $0[0].sliced(2..<2, along: 0) },
            GradientCheck("split", [2, 6]) { exp($0[0].split(into: 3, along: 1)[1]) },
            GradientCheck("pad", [2, 3]) { $0[0].padded(low: [1, 0], high: [0, 2], value: 1.5) },
            GradientCheck("crop", [4, 3]) { $0[0].padded(low: [-1, 0], high: [-2, -1]) },
            GradientCheck("interior", [3]) { $0[0].padded(low: [1], high: [2], interior: [2]) },
            GradientCheck("interior, cropped within a gap", [3]) { $0[0].padded(low: [-2], high: [-1], interior: [3]) },
            GradientCheck("cropped to nothing", [2]) { $0[0].padded(low: [-1], high: [-1]) },
            GradientCheck("pad of nothing", [0]) { $0[0].padded(low: [1], high: [1], interior: [1]) },
            GradientCheck("padding value", [3], []) {
                Tensor.apply(Pad(low: [1], high: [-1], interior: [1]), [$0[0], $0[1]], #fileID, #line)[0]
            },
            GradientCheck("concatenate", [2, 1], [2, 3], [2, 0]) { .concatenated([$0[0], $0[1], $0[2]], along: 1) },
            GradientCheck("concatenate twice the same", [2]) { .concatenated([$0[0], exp($0[0]), $0[0]], along: 0) },
            GradientCheck("concatenate one", [2]) { .concatenated([$0[0]], along: 0) },
        ]
        try expectGradients(checks)
    }

    @Test("Windows with computed starts, also moved inside the bounds")
    func windows() throws {
        let starts = [-3, 0, 1, 2, 9]
        let checks = starts.flatMap { start in
            [
                GradientCheck("dynamic slice at \(start)", [5, 2]) {
                    $0[0].dynamicSlice(at: [Tensor(integer: start), Tensor(integer: 0)], sizes: [3, 1])
                },
                GradientCheck("dynamic update at \(start)", [5, 2], [3, 1]) {
                    $0[0].updated(with: $0[1], at: [Tensor(integer: start), Tensor(integer: 1)])
                },
            ]
        }
        let degenerate = [
            GradientCheck("empty window", [3]) { $0[0].dynamicSlice(at: [Tensor(integer: 1)], sizes: [0]) },
            GradientCheck("empty update", [3], [0]) { $0[0].updated(with: $0[1], at: [Tensor(integer: 1)]) },
            GradientCheck("all", [3], [3]) { $0[0].updated(with: exp($0[1]), at: [Tensor(integer: 1)]) },
        ]
        try expectGradients(checks + degenerate)
    }

    @Test("Rows, repeated and clamped")
    func rows() throws {
        let indices: [(name: String, values: [Int32], shape: [Int])] = [
            ("repeated", [2, 0, 2, 1], [4]), ("clamped", [-1, 3, 7], [3]), ("two dimensions", [0, 1, 2, 2], [2, 2]),
            ("one", [1], []), ("none", [], [0]),
        ]
        let checks = indices.flatMap { name, values, shape in
            [
                GradientCheck("gather \(name)", [3, 2]) { $0[0].rows(at: Tensor(values, shape: shape)) },
                GradientCheck("gather scalars \(name)", [3]) { exp($0[0].rows(at: Tensor(values, shape: shape))) },
                GradientCheck("scatter \(name)", [3, 2], shape + [2]) {
                    exp($0[0].addingRows($0[1], at: Tensor(values, shape: shape)))
                },
            ]
        }
        try expectGradients(checks)
    }

    @Test("Rows are those of the indices; rows added out of range are dropped")
    func rowValues() throws {
        let table = HostArray([1, 2, 3, 4, 5, 6], [3, 2])
        let results = try evaluate(table, HostArray([2, -5, 9, 0], [4], .int32)) { arguments in
            [
                arguments[0].rows(at: arguments[1]),
                arguments[0].addingRows(Tensor(10, shape: [4, 2]), at: arguments[1]),
            ]
        }
        #expect(results == [[5, 6, 1, 2, 5, 6, 1, 2], [11, 12, 3, 4, 15, 16]])
    }
}
