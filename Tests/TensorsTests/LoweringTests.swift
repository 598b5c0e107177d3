import StableHLO
import Tensors
import Testing

@Suite("Lowering")
struct LoweringTests {
    @Test("Equal computations are shared, however they were built")
    func sharing() {
        let shared = program([3], [3]) { arguments in
            let (x, y) = (arguments[0], arguments[1])
            return [exp(x + y) * exp(x + y), exp(x + y) * 2, exp(y + x)]
        }
        // x + y, its exponential, the product; 2, its broadcast, the product; y + x and its exponential.
        #expect(
            shared.mnemonics.sorted() == [
                "add", "add", "broadcast_in_dim", "constant", "exponential", "exponential", "multiply", "multiply",
            ])
    }

    @Test("Different attributes are different computations")
    func differentAttributes() {
        let slices = program([6]) { [$0[0].sliced(0..<3, along: 0) + $0[0].sliced(3..<6, along: 0)] }
        #expect(slices.mnemonics == ["slice", "slice", "add"])
        let constants = program([]) { [$0[0] * 2 + $0[0] * 3] }
        #expect(constants.mnemonics.count { $0 == "constant" } == 2)
    }

    @Test("What no result needs is dropped")
    func deadCode() {
        let result = program([3], [3]) { arguments in
            _ = exp(arguments[1])
            let unused = arguments[0] + arguments[1]
            _ = unused * unused
            return [arguments[0] * arguments[0]]
        }
        #expect(result.mnemonics == ["multiply"])
        #expect(result.argumentTypes.count == 2)
    }

    @Test("An argument may be a result, also twice")
    func passedThrough() {
        let result = program([3]) { [$0[0], $0[0]] }
        #expect(result.mnemonics.isEmpty)
        #expect(result.resultTypes == [TensorType([3]), TensorType([3])])
    }

    @Test("Of an operation with one used result all results are named")
    func severalResults() {
        let result = Tracer.program("test", arguments: [TensorType([], .uint64)], options: LoweringOptions()) {
            [RandomStream(seed: $0[0]).bits([4])]
        }
        #expect(result.entry.instructions.last?.results.count == 2)
    }

    @Test("Donations and precision reach the text")
    func options() {
        let result = Tracer.program(
            "named", arguments: [TensorType([2, 2]), TensorType([2, 2])], donations: [1: 0],
            options: LoweringOptions(precision: .float32)
        ) { [$0[0].matmul($0[1])] }
        #expect(result.text.contains("module @named"))
        #expect(result.text.contains("%1: tensor<2x2xf32> {tf.aliasing_output = 0 : i32}"))
        #expect(result.text.contains("precision HIGHEST"))
    }

    @Test("With bfloat16 the operands of products alone are rounded, each once; float64 is left alone")
    func rounding() {
        let options = LoweringOptions(precision: .bfloat16)
        let result = program([2, 2], options: options) { [$0[0].matmul($0[0]).matmul($0[0]) + $0[0]] }
        #expect(result.mnemonics == ["convert", "dot_general", "convert", "dot_general", "add"])
        #expect(result.text.contains("(tensor<2x2xbf16>, tensor<2x2xbf16>) -> tensor<2x2xf32>"))
        let double = Tracer.program("test", arguments: [TensorType([2, 2], .float64)], options: options) {
            [$0[0].matmul($0[0])]
        }
        #expect(double.mnemonics == ["dot_general"])
    }

    @Test("A convolution of bfloat16 gives bfloat16, widened at once")
    func roundedConvolution() {
        let result = program([1, 5, 5, 2], [3, 2, 3, 3], options: LoweringOptions(precision: .bfloat16)) {
            [$0[0].convolved(with: $0[1])]
        }
        #expect(result.mnemonics == ["convert", "convert", "convolution", "convert"])
        #expect(result.text.contains("(tensor<1x5x5x2xbf16>, tensor<3x2x3x3xbf16>) -> tensor<1x3x3x3xbf16>"))
        #expect(result.resultTypes == [TensorType([1, 3, 3, 3])])
    }

    @Test("A reversed kernel of bfloat16 is rounded once, then reversed, so that compilers know the gradient")
    func roundedReversal() {
        let result = program([1, 5, 5, 2], [3, 2, 3, 3], options: LoweringOptions(precision: .bfloat16)) {
            gradients(of: exp($0[0].convolved(with: $0[1])).sum(), withRespectTo: [$0[0]])
        }
        #expect(result.mnemonics.count { $0 == "reverse" } == 1)
        #expect(result.text.contains("(tensor<3x2x3x3xbf16>) -> tensor<3x2x3x3xbf16>"))
        // Input, kernel and cotangent, and the results of both convolutions.
        #expect(result.mnemonics.count { $0 == "convert" } == 5)
    }

    @Test("Forward and backward pass share what is rounded")
    func sharedRounding() {
        let result = program([4, 3], [3, 2], options: LoweringOptions(precision: .bfloat16)) {
            gradients(of: exp($0[0].matmul($0[1])).sum(), withRespectTo: $0)
        }
        #expect(result.mnemonics.count { $0 == "dot_general" } == 3)
        // The two operands and the cotangent of the product.
        #expect(result.mnemonics.count { $0 == "convert" } == 3)
    }

    @Test("A batch is split over the devices, and not at all on one")
    func splitting() {
        let body = { (arguments: [Tensor]) in [arguments[0].splitAcrossDevices() * 2] }
        #expect(!program([4, 2], body: body).mnemonics.contains("custom_call"))
        var options = LoweringOptions()
        options.deviceCount = 2
        let result = program([4, 2], options: options, body: body)
        #expect(result.partitions == 2)
        #expect(result.mnemonics.contains("custom_call"))
        #expect(result.text.contains("{devices=[2,1]<=[2]}"))
        #expect(result.argumentShardings == [0: .replicated])
        #expect(result.resultShardings == [0: .replicated])
    }

    @Test("Rearrangements that change nothing leave no trace")
    func simplifications() {
        let result = program([2, 3]) { arguments in
            let x = arguments[0]
            return [
                x.reshaped(to: [2, 3]).transposed([0, 1]).sliced(0..<3, along: 1).broadcast(to: [2, 3])
                    .converted(to: .float32).reversed(along: [])
            ]
        }
        #expect(result.mnemonics.isEmpty)
    }
}

@Suite("Lowering of composites")
struct CompositeLoweringTests {
    private func doubled(_ x: Tensor) -> Tensor {
        Composite.apply("test.double", to: [x], attributes: ["factor": .integer(2)], aliases: [0: 0]) {
            [$0[0] + $0[0]]
        }[0]
    }

    @Test("Without a kernel the decomposition is inlined and shared with other code")
    func inlined() {
        let result = program([3]) { [self.doubled($0[0]) * ($0[0] + $0[0])] }
        #expect(result.mnemonics == ["add", "multiply"])
    }

    @Test("With a kernel it is called, with its attributes and aliases")
    func called() {
        let options = LoweringOptions(nativeKernels: ["test.double"])
        let result = program([3], options: options) { [self.doubled($0[0])] }
        #expect(result.mnemonics == ["custom_call"])
        let text = result.entry.instructions[0].text
        #expect(text.contains("call_target_name = \"test.double\""))
        #expect(text.contains("factor = 2 : i64"))
        #expect(text.contains("operand_index = 0"))
    }

    @Test("Where the kernel does not take the call, by its shapes or attributes, the decomposition is inlined")
    func refused() {
        let kernels = PlatformKernels(["test.double"]) { call, operands in
            call.attributes == ["factor": .integer(2)] && call.results == operands && operands == [TensorType([3])]
        }
        let options = LoweringOptions(nativeKernels: kernels)
        #expect(program([3], options: options) { [self.doubled($0[0])] }.customCalls == ["test.double": 1])
        #expect(program([4], options: options) { [self.doubled($0[0])] }.mnemonics == ["add"])
        let inBoth = program([3], [4], options: options) { $0.map(self.doubled) }
        #expect(inBoth.mnemonics.sorted() == ["add", "custom_call"])
    }

    @Test("Kernels are for float32: other elements are computed by the decomposition")
    func otherElements() {
        let options = LoweringOptions(nativeKernels: ["test.double"])
        for elementType in [ElementType.float64, .int32] {
            let result = Tracer.program("test", arguments: [TensorType([3], elementType)], options: options) {
                [self.doubled($0[0])]
            }
            #expect(result.mnemonics == ["add"])
        }
    }

    @Test("Under bfloat16 a kernel is told so where its composite holds products, and only there")
    func bfloat16() {
        let options = LoweringOptions(precision: .bfloat16, nativeKernels: ["test.double", "test.square"])
        let result = program([3, 3], options: options) { arguments in
            // What comes before the composite is not part of it.
            let before = arguments[0].matmul(arguments[0])
            let square = Composite.apply("test.square", to: [self.doubled(before)]) { operands in
                Tensor.repeated(Tensor(integer: 2), operands) { _, values in [values[0].matmul(values[0])] }
            }
            return square
        }
        let calls = result.text.split(separator: "\n").filter { $0.contains("custom_call") }
        #expect(calls.map { $0.contains("test.square") } == [false, true])
        #expect(calls.map { $0.contains("bfloat16 = 1 : i64") } == [false, true])
    }

    @Test("A composite within a decomposition is called on its own")
    func nested() {
        let options = LoweringOptions(nativeKernels: ["test.double"])
        let result = program([3], options: options) {
            Composite.apply("test.quadruple", to: $0) { [self.doubled(self.doubled($0[0]))] }
        }
        #expect(result.mnemonics == ["custom_call", "custom_call"])
    }

    @Test("Where cotangents meet, a composite that can add adds")
    func sums() {
        /// 2 x, whose cotangent adds to another.
        @Sendable func scaled(_ x: Tensor) -> Tensor {
            Composite.apply(
                "test.scaled", to: [x],
                pullback: { _, _, cotangents in
                    guard let g = cotangents[0] else { return [nil] }
                    return Composite.apply(
                        "test.back", to: [g],
                        sum: { operands, addend in
                            Composite.apply("test.back_and_add", to: operands + [addend]) { [$0[1] + 2 * $0[0]] }[0]
                        },
                        decomposition: { [2 * $0[0]] })
                },
                decomposition: { [2 * $0[0]] })[0]
        }
        let options = LoweringOptions(nativeKernels: ["test.back", "test.back_and_add"])
        let result = program([3], options: options) { arguments in
            let x = arguments[0]
            return gradients(of: (scaled(x) * scaled(x)).sum(), withRespectTo: [x])
        }
        func calls(_ name: String) -> Int {
            result.entry.instructions.count { $0.text.contains("call_target_name = \"\(name)\"") }
        }
        #expect(calls("test.back") == 1 && calls("test.back_and_add") == 1)
        #expect(!result.mnemonics.contains("add"))
    }

    @Test("Of a composite with several results those unused are dropped with the decomposition")
    func severalResults() {
        let result = program([3]) {
            [Composite.apply("test.pair", to: $0) { [exp($0[0]), log($0[0])] }[0]]
        }
        // Both are lowered; what is dead is the compiler's to remove.
        #expect(result.mnemonics.contains("exponential"))
        #expect(result.resultTypes == [TensorType([3])])
    }

    @Test("A composite's rule is differentiated where it has one, else its decomposition")
    func derivative() {
        let own = program([3]) { arguments in
            let y = Composite.apply(
                "test.f", to: arguments,
                pullback: { operands, _, cotangents in [cotangents[0].map { $0 * operands[0] }] },
                decomposition: { [exp($0[0])] })[0]
            return gradients(of: y.sum(), withRespectTo: arguments)
        }
        #expect(!own.mnemonics.contains("exponential"))
        let decomposed = program([3]) { arguments in
            let y = Composite.apply("test.f", to: arguments) { [exp($0[0])] }[0]
            return gradients(of: y.sum(), withRespectTo: arguments)
        }
        #expect(decomposed.mnemonics.contains("exponential"))
    }
}

@Suite("Lowering of loops")
struct LoopLoweringTests {
    @Test("Tensors from outside are carried along, constants repeated inside")
    func captures() throws {
        let result = program([], []) { arguments in
            let outside = exp(arguments[1])
            return Tensor.loop(
                [arguments[0]], while: { $0[0].compared(.less, to: 100) }, body: { [$0[0] * 2 + outside] })
        }
        #expect(result.mnemonics == ["exponential", "while"])
        let loop = try #require(result.entry.instructions.last)
        #expect(loop.results.count == 2)
        #expect(loop.regions.map { $0.arguments.count } == [2, 2])
        #expect(loop.regions[0].results.map(\.type) == [TensorType([], .bool)])
        #expect(loop.regions[1].results.map(\.type) == [TensorType([]), TensorType([])])
        #expect(loop.regions[1].instructions.contains { $0.mnemonic == "constant" })
        // What was carried in unchanged goes out unchanged.
        #expect(loop.regions[1].results[1].value == loop.regions[1].arguments[1].value)
    }

    @Test("What does not depend on the loop is computed before it")
    func invariant() throws {
        let result = program([3], [3]) { arguments in
            Tensor.repeated(Tensor(integer: 5), [arguments[0]]) { _, values in [values[0] + exp(arguments[1])] }
        }
        #expect(result.mnemonics.contains("exponential"))
        let loop = try #require(result.entry.instructions.last)
        #expect(!loop.regions[1].instructions.contains { $0.mnemonic == "exponential" })
    }

    @Test("A loop within a loop carries what both levels use from outside")
    func nested() throws {
        let result = program([3], [3], [3]) { arguments in
            Tensor.repeated(Tensor(integer: 2), [arguments[0]]) { outer, values in
                Tensor.repeated(Tensor(integer: 3), [values[0]]) { inner, values in
                    [values[0] * arguments[1] + (outer + inner).converted(to: .float32) * arguments[2]]
                }
            }
        }
        let outer = try #require(result.entry.instructions.last)
        #expect(outer.mnemonic == "while")
        // Counter, value and two captured arguments.
        #expect(outer.results.count == 4)
        let inner = try #require(outer.regions[1].instructions.last { $0.mnemonic == "while" })
        // The outer counter besides.
        #expect(inner.results.count == 5)
    }

    @Test("A loop whose result is unused is dropped")
    func unused() {
        let result = program([3]) { arguments in
            _ = Tensor.repeated(Tensor(integer: 2), arguments) { _, values in [exp(values[0])] }
            return [arguments[0] + arguments[0]]
        }
        #expect(result.mnemonics == ["add"])
    }
}
