import StableHLO
import Testing

@testable import Tensors

@Suite("How a program holds what kernels compute")
struct KernelResultsTests {
    /// Kernels that take bfloat16 wherever `rounding` says so: "make" for its results, "take" for its operands, "over" for the operand
    /// that it writes its result over.
    private func options(
        _ precision: MatrixPrecision = .bfloat16, rounding: Set<String> = ["test.make", "test.take", "test.over"]
    ) -> LoweringOptions {
        LoweringOptions(
            precision: precision,
            nativeKernels: PlatformKernels(["test.make", "test.take", "test.over", "test.several"]) { call, operands in
                let types = operands + call.results
                if types.allSatisfy({ $0.elementType == .float32 }) { return true }
                guard rounding.contains(call.target) else { return false }
                switch call.target {
                case "test.make": return operands.allSatisfy { $0.elementType == .float32 }
                case "test.take": return call.results.allSatisfy { $0.elementType == .float32 }
                default: return call.results[0] == operands[0]
                }
            })
    }

    private func make(_ x: Tensor) -> Tensor { Composite.apply("test.make", to: [x]) { [exp($0[0])] }[0] }
    private func take(_ x: Tensor) -> Tensor { Composite.apply("test.take", to: [x]) { [log($0[0])] }[0] }
    private func over(_ x: Tensor) -> Tensor {
        Composite.apply("test.over", to: [x], aliases: [0: 0]) { [$0[0] + $0[0]] }[0]
    }

    /// The types of operands and results of the calls, in order.
    private func calls(_ options: LoweringOptions, _ body: (Tensor) -> [Tensor]) -> [String] {
        Tracer.program("test", arguments: [TensorType([3])], options: options) { body($0[0]) }
            .entry.instructions.map(\.text).filter { $0.contains("custom_call") }
            .map {
                String($0.split(separator: " : ").last ?? "").replacing("tensor<3x", with: "").replacing(">", with: "")
            }
            .map { $0.replacing("(", with: "").replacing(")", with: "") }
    }

    @Test("What only kernels read that take it so is bfloat16")
    func rounded() {
        #expect(calls(options()) { [take(make($0))] } == ["f32 - bf16", "bf16 - f32"])
        #expect(calls(options()) { [take(make($0)) + take(over(make($0)))] }.first == "f32 - bf16")
    }

    @Test("In another precision nothing is")
    func otherPrecision() {
        #expect(calls(options(.float32)) { [take(make($0))] } == ["f32 - f32", "f32 - f32"])
    }

    @Test("What anything else reads stays float32: an operation, a loop, whoever asked for the program")
    func kept() {
        func isFloat(_ body: (Tensor) -> [Tensor]) -> Bool { calls(options(), body)[0] == "f32 - f32" }
        #expect(isFloat { [make($0)] })
        #expect(
            isFloat { x in
                let y = make(x)
                return [take(y) + y]
            })
        #expect(
            isFloat { x in
                let y = make(x)
                return [take(y), Tensor.repeated(Tensor(integer: 2), [x]) { _, values in [values[0] + y] }[0]]
            })
    }

    @Test("A kernel that does not take or make bfloat16 is not asked to")
    func refused() {
        for rounding: Set<String> in [["test.make"], ["test.take"], []] {
            #expect(calls(options(rounding: rounding)) { [take(make($0))] } == ["f32 - f32", "f32 - f32"])
        }
    }

    @Test("A result that is written over an operand is of its type")
    func overwritten() {
        #expect(calls(options()) { [take(over(make($0)))] } == ["f32 - bf16", "bf16 - bf16", "bf16 - f32"])
        // The argument cannot be rounded, so what is written over it cannot.
        #expect(calls(options()) { [take(over($0))] } == ["f32 - f32", "f32 - f32"])
        // Nor can what a float32 result is written over.
        #expect(calls(options()) { [over(make($0))] } == ["f32 - f32", "f32 - f32"])
    }

    @Test("Through a composite that is inlined the kernels around it are seen")
    func inlined() {
        let body = { (x: Tensor) in [take(Composite.apply("test.inlined", to: [x]) { [make($0[0])] }[0])] }
        #expect(calls(options(), body) == ["f32 - bf16", "bf16 - f32"])
    }

    @Test("Last results that nobody reads are not asked for, where the kernel does without them")
    func unread() {
        func several(_ x: Tensor) -> [Tensor] {
            Composite.apply("test.several", to: [x]) { [exp($0[0]), log($0[0]), $0[0] + $0[0]] }
        }
        func results(_ least: Int, _ body: (Tensor) -> [Tensor]) -> [String] {
            let kernels = PlatformKernels(["test.several"]) { call, _ in call.results.count >= least }
            return calls(LoweringOptions(nativeKernels: kernels), body)
        }
        #expect(results(1) { [several($0)[0]] } == ["f32 - f32"])
        #expect(results(1) { [several($0)[1]] } == ["f32 - f32, f32"])
        #expect(results(1) { [several($0)[2]] } == ["f32 - f32, f32, f32"])
        #expect(results(3) { [several($0)[0]] } == ["f32 - f32, f32, f32"])
        // Of an inlined composite that returns what it does not need either.
        #expect(results(1) { [Composite.apply("test.inlined", to: [$0]) { several($0[0]) }[0]] } == ["f32 - f32"])
    }
}
