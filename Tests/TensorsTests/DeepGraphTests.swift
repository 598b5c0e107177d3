import StableHLO
import Tensors
import Testing

/// Chains far longer than a stack could hold by recursion.
@Suite("Deep graphs")
struct DeepGraphTests {
    private let length = 100_000

    @Test("A chain of operations is traced, differentiated, lowered and released")
    func operations() {
        let result = program([]) { arguments in
            let end = (0..<length).reduce(arguments[0]) { x, _ in sin(x) }
            return [end] + gradients(of: end, withRespectTo: arguments)
        }
        // Sines; cosines and products; the gradient's start.
        #expect(result.entry.instructions.count == 3 * length + 1)
    }

    @Test("A chain that branches and joins")
    func diamonds() {
        let result = program([]) { arguments in
            [(0..<length).reduce(arguments[0]) { x, _ in x + -x }]
        }
        #expect(result.entry.instructions.count == 2 * length)
    }

    @Test("A chain of composites, each decomposed into the one before")
    func composites() {
        let result = program([]) { arguments in
            [(0..<length).reduce(arguments[0]) { x, _ in Composite.apply("test.same", to: [x]) { $0 }[0] }]
        }
        #expect(result.mnemonics.isEmpty)
    }

    @Test("A chain within a loop's body")
    func loopBody() throws {
        let result = program([]) { arguments in
            Tensor.repeated(Tensor(integer: 2), arguments) { _, values in
                [(0..<length).reduce(values[0]) { x, _ in sin(x) }]
            }
        }
        let loop = try #require(result.entry.instructions.last)
        #expect(loop.regions[1].instructions.count >= length)
    }

    /// Found anew by each loop after it, what a loop reads would be sought 2^60 times.
    @Test("A chain of loops, each reading the one before")
    func loops() {
        let result = program([]) { arguments in
            [
                (0..<60).reduce(arguments[0]) { x, _ in
                    Tensor.repeated(Tensor(integer: 2), [sin(x)]) { _, values in [values[0] + x] }[0]
                }
            ]
        }
        #expect(result.mnemonics.count { $0 == "while" } == 60)
    }
}
