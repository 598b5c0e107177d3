import StableHLO
import Tensors
import Testing

@Suite("Broadcasting")
struct BroadcastingTests {
    @Test(
        "Two shapes have NumPy's common shape",
        arguments: [
            ([], [], []), ([], [2, 3], [2, 3]), ([3], [2, 3], [2, 3]), ([2, 1], [1, 3], [2, 3]),
            ([2, 1], [3], [2, 3]), ([1], [1], [1]), ([4, 1, 3], [5, 1], [4, 5, 3]), ([0], [1], [0]),
            ([2, 0], [1], [2, 0]), ([1, 2], [0, 1, 1], [0, 1, 2]), ([5], [5], [5]),
        ] as [([Int], [Int], [Int])])
    func common(a: [Int], b: [Int], expected: [Int]) {
        #expect(broadcastShape(a, b) == expected)
        #expect(broadcastShape(b, a) == expected)
        let types = program(a, b) { [$0[0] + $0[1], $0[0].compared(.less, to: $0[1]), $0[1].maximum($0[0])] }
            .resultTypes
        #expect(types == [TensorType(expected), TensorType(expected, .bool), TensorType(expected)])
    }

    @Test(
        "Other shapes have none",
        arguments: [([2], [3]), ([2, 3], [2]), ([2, 3], [3, 3]), ([0], [2]), ([4, 1, 3], [2, 5])] as [([Int], [Int])])
    func none(a: [Int], b: [Int]) {
        #expect(broadcastShape(a, b) == nil)
        #expect(broadcastShape(b, a) == nil)
    }

    @Test("A selection broadcasts all three operands")
    func selection() {
        let result = program([2, 1], [1, 3], [4, 1, 1]) { arguments in
            [arguments[0].compared(.less, to: 0).select(arguments[1], arguments[2])]
        }
        #expect(result.resultTypes == [TensorType([4, 2, 3])])
    }

    @Test("A tensor of the right shape is not broadcast")
    func nothingToDo() {
        #expect(program([2, 3], [2, 3]) { [$0[0] + $0[1].broadcast(to: [2, 3])] }.mnemonics == ["add"])
    }
}
