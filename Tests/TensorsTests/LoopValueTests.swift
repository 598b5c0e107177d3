import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Values of loops", .needsPlugin)
struct LoopValueTests {
    @Test("A loop runs while its condition holds; outer tensors are visible inside")
    func powers() throws {
        let results = try evaluate(HostArray([1], []), HostArray([3], []), HostArray([100], [])) { arguments in
            Tensor.loop(
                [arguments[0]], while: { $0[0].compared(.less, to: arguments[2]) }, body: { [$0[0] * arguments[1]] })
        }
        #expect(results == [[243]])
    }

    @Test("A computed number of turns, none included", arguments: [0, 1, 5])
    func turns(count: Int) throws {
        let results = try evaluate(HostArray([Double(count)], [], .int32)) { arguments in
            Tensor.repeated(arguments[0], [Tensor(integer: 7)]) { counter, values in [values[0] + counter] }
        }
        #expect(results == [[7 + Double((0..<count).reduce(0, +))]])
    }

    @Test("Nested loops read counters, values and tensors of every level")
    func nested() throws {
        let results = try evaluate(HostArray([2], [])) { arguments in
            let tripled = arguments[0] * 3
            return Tensor.repeated(Tensor(integer: 3), [Tensor(0)]) { outer, values in
                let shift = outer.converted(to: .float32) * 10
                let inner = Tensor.repeated(Tensor(integer: 2), [Tensor(0)]) { inner, sums in
                    [sums[0] + shift + inner.converted(to: .float32) + tripled]
                }
                return [values[0] + inner[0] + arguments[0]]
            }
        }
        // Each outer turn adds 2 (10 outer + 6) + 0 + 1 from the inner loop, and 2.
        #expect(results == [[105]])
    }

    @Test("Composites within loops")
    func composites() throws {
        let results = try evaluate(HostArray([2], [])) { arguments in
            let factor = Composite.apply("test.double", to: arguments) { [$0[0] + $0[0]] }[0]
            return Tensor.repeated(Tensor(integer: 3), [Tensor(1)]) { _, values in
                Composite.apply("test.scale", to: [values[0], factor]) { [$0[0] * $0[1]] }
            }
        }
        #expect(results == [[64]])
    }
}
