import CPUKernels
import Testing

extension KernelTests {
    /// Tensors of bfloat16, where a kernel takes them.
    @Suite struct RoundedTensors {
        /// A call by the shapes of its tensors, a letter a size: those that may be of bfloat16 end in "~".
        struct Case: Sendable, CustomTestStringConvertible {
            let name: String
            let operands: [String]
            let results: [String]

            init(_ name: String, _ shapes: String) {
                self.name = "flow." + name
                let sides = shapes.split(separator: ">").map { $0.split(separator: " ").map(String.init) }
                (operands, results) = (sides[0], sides[1])
            }

            var testDescription: String {
                "\(name): \(operands.joined(separator: " ")) -> \(results.joined(separator: " "))"
            }

            /// Wide enough that Winograd's filtering applies, and vectors, tiles and words have a rest.
            private static let sizes: [Character: Int] = [
                "B": 2, "L": 5, "D": 21, "S": 3, "T": 4, "h": 3, "Q": 63, "1": 1, "G": 2, "M": 67, "K": 35, "N": 50,
                "H": 6, "W": 7, "I": 19, "O": 33, "3": 3, "C": 21, "R": 40, "V": 12, "Z": 14,
            ]

            static func shape(_ word: String) -> [Int] { word.filter { $0 != "~" }.map { sizes[$0] ?? 0 } }

            static let attributes = [
                ("bfloat16", 1.0), ("heads", 3), ("eps", 1e-5), ("stride", 1), ("padding", 1),
            ]

            /// Numbers that rounding to bfloat16 leaves as they are.
            var arrays: [Array32] {
                operands.enumerated().map { index, word in
                    let array = Array32(Case.shape(word), seed: UInt64(index + 1), scale: 0.25, offset: 0.75)
                    return array.rounded
                }
            }

            func run(_ operands: [Array32], rounding results: Set<Int> = []) throws -> [Array32] {
                try CPUKernelsTests.run(
                    name, operands, results: self.results.map(Case.shape), attributes: Case.attributes,
                    rounding: results)
            }
        }

        static let cases = [
            Case("linear", "GMK~ NK N > GMN~"), Case("linear", "GMK~ NK > GMN~"),
            Case("linear_gelu", "GMK~ NK N > GMN~ GMN~"), Case("linear_gelu", "GMK~ NK N > GMN~"),
            Case("linear_input_gradient", "GMN~ NK > GMK~"), Case("linear_input_gradient", "GMN~ NK GMK > GMK"),
            Case("linear_input_gradient_gelu", "GMN~ NK GMK~ > GMK~"),
            Case("linear_weight_gradient", "GMK~ GMN~ > NK N"),
            Case("attention", "BLQ~ > BLD~ BhL"), Case("attention_backward", "BLD~ BLQ~ BLD~ BhL > BLQ~"),
            Case("modulated_layer_norm", "BLD BD BD > BLD~ BL BL"),
            Case("gated_residual_layer_norm", "BLD BD BLD~ BD BD > BLD BLD~ BL BL"),
            Case("gated_residual_layer_norm_backward", "BLD BLD BD BL BL BD BLD~ BLD > BLD BD BLD~ BD BD"),
            Case("gated_selective_scan", "BLD BLD DS BLS BLS D BLD > BLD~"),
            Case("gated_selective_scan_backward", "BLD BLD BLD DS BLS BLS D BLD > BLD BLD~ DS BLS BLS D BLD~"),
            Case("causal_depthwise_convolution_backward", "BLD BLD D1T D > BLD~ D1T D"),
            Case("convolution", "BHWI~ OI33 O > BHWO~"), Case("convolution", "BHWI~ OI33 O BHWO > BHWO~"),
            Case("convolution_input_gradient", "BHWO~ OI33 > BHWI~"),
            Case("convolution_weight_gradient", "BHWI~ BHWO~ > OI33 O"),
            Case("silu_batch_norm", "RC~ C C > RC~ C C"), Case("batch_norm_silu", "RC~ C C > RC~ C C"),
            Case("silu_batch_norm_backward", "RC~ RC~ C C C C > RC~ C C"),
            Case("batch_norm_silu_backward", "RC~ RC~ C C C C > RC~ C C"),
            Case("silu_affine", "RC~ C C > RC~"), Case("affine_silu", "RC~ C C > RC~"),
            Case("embedding_add", "BHWD~ BD > BHWD~"), Case("embedding_add_backward", "BHWD~ > BD"),
            Case("upsample_bilinear_2x", "BHWC > BVZC~"),
        ]

        @Test(
            "An operand of bfloat16 counts as its numbers, a result of bfloat16 is the nearest to the float",
            arguments: cases)
        func sameNumbers(of call: Case) throws {
            for set in productSets where set.multipliesBFloat16 {
                try set.use()
                let floats = call.arrays
                let expected = try call.run(floats)
                #expect(expected.allSatisfy { $0.values.allSatisfy(\.isFinite) })
                let takesRounded = call.operands.indices.filter { call.operands[$0].hasSuffix("~") }
                for rounded in takesRounded.map({ [$0] }) + [takesRounded] {
                    var operands = floats
                    for index in rounded { operands[index].isRounded = true }
                    #expect(try call.run(operands).map(\.values) == expected.map(\.values))
                }
                for index in call.results.indices where call.results[index].hasSuffix("~") {
                    let results = try call.run(floats, rounding: [index])
                    for (other, result) in results.enumerated() {
                        let nearest = other == index ? expected[other].rounded : expected[other]
                        #expect(result.values == nearest.values, "result \(other)")
                    }
                }
            }
        }

        @Test(
            "Any other tensor of bfloat16 is refused, and every one where the processor does not multiply them",
            arguments: cases)
        func refused(_ call: Case) throws {
            for set in productSets {
                try set.use()
                for index in call.operands.indices
                where !(set.multipliesBFloat16 && call.operands[index].hasSuffix("~")) {
                    var operands = call.arrays
                    operands[index].isRounded = true
                    let error = #expect(throws: KernelFailure.self) { try call.run(operands) }
                    #expect(error?.description.contains("of bfloat16") == true, "\(error?.description ?? "")")
                }
                for index in call.results.indices where !(set.multipliesBFloat16 && call.results[index].hasSuffix("~"))
                {
                    #expect(throws: KernelFailure.self) { try call.run(call.arrays, rounding: [index]) }
                }
            }
        }

        @Test("A convolution that is not Winograd's is of float32 throughout")
        func otherConvolutions() throws {
            for set in productSets where set.multipliesBFloat16 {
                try set.use()
                var x = Array32([1, 6, 6, 16], seed: 1)
                x.isRounded = true
                let error = #expect(throws: KernelFailure.self) {
                    try run(
                        "flow.convolution", [x, Array32([1, 16, 3, 3], seed: 2)], results: [[1, 6, 6, 1]],
                        attributes: Case.attributes)
                }
                #expect(error?.description.contains("of float32, but a tensor is of bfloat16") == true)
            }
        }
    }
}
