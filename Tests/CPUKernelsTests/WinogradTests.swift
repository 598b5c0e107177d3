import CPUKernels
import Testing

extension KernelTests {
    /// Kernels of 3 x 3 with stride 1: no oneDNN is needed.
    @Suite struct Winograd {
        static let cases = [
            ConvolutionCase(n: 2, h: 8, w: 8, i: 16, o: 16),
            // Partial tiles; channels that fill no vector, and panels of one vector.
            ConvolutionCase(n: 1, h: 9, w: 10, i: 20, o: 37),
            // Blocks of tiles from many images.
            ConvolutionCase(n: 5, h: 4, w: 4, i: 16, o: 33),
            ConvolutionCase(n: 3, h: 6, w: 7, i: 17, o: 16, padding: 0),
            ConvolutionCase(n: 1, h: 5, w: 6, i: 16, o: 18, padding: 2),
            // Several blocks of channels in the gradient of the weight.
            ConvolutionCase(n: 1, h: 6, w: 6, i: 70, o: 65),
            // Several chunks of tiles, and rows longer than a run of tiles.
            ConvolutionCase(n: 1, h: 13, w: 43, i: 16, o: 17),
        ]

        @Test(arguments: instructionSets, cases.indices)
        func matchesTheDirectSum(set: InstructionSet, index: Int) throws {
            try set.use()
            try Self.cases[index].check(tolerance: 4e-6)
        }

        @Test(arguments: instructionSets)
        func errorsAreSmall(set: InstructionSet) throws {
            try set.use()
            let wide = Self.cases[5]
            #expect(distance(try wide.forward()[0], wide.y) < 1.5e-6)
            #expect(distance(try wide.inputGradient(), wide.dx) < 1.5e-6)
            #expect(distance(try wide.weightGradients()[0], wide.dw) < 1.5e-6)
        }

        /// The points of images and kernels are rounded, each by at most 2^-9 of itself. Errors are independent, so that squares add up;
        /// the ways there and back make them 4.81 times as large, in both dimensions together and in all three directions: the mean
        /// over results i of the sum over points p of A_ip^2 |G_p|^2 |B_p|^2, over the 3 that exact sums would have.
        @Test(arguments: productSets.filter(\.multipliesBFloat16), cases.indices)
        func errorsOfBFloat16AreThoseOfRoundedPoints(set: InstructionSet, index: Int) throws {
            try set.use()
            var rounded = Self.cases[index]
            rounded.isRounded = true
            let bound = 4.81 * 2.0.squareRoot() * 0x1p-9
            #expect(distance(try rounded.forward()[2], rounded.added) < bound)
            #expect(distance(try rounded.inputGradient(), rounded.dx) < bound)
            let gradients = try rounded.weightGradients()
            #expect(distance(gradients[0], rounded.dw) < bound)
            // A sum and no product.
            #expect(distance(gradients[1], rounded.db) < 1e-5)
        }

        @Test func threadsDoNotChangeTheResult() throws {
            try (instructionSets.last ?? .baseline).use()
            let before = KernelResources.threadCount
            defer { KernelResources.threadCount = before }
            let longest = Self.cases[6]
            let results = try [1, 2, 3].map { threads in
                KernelResources.threadCount = threads
                return try longest.forward() + [longest.inputGradient()] + longest.weightGradients()
            }
            for other in results.dropFirst() {
                #expect(zip(results[0], other).allSatisfy { $0.values == $1.values })
            }
        }

        @Test func aResultDoesNotDependOnItsBatch() throws {
            try (instructionSets.last ?? .baseline).use()
            let many = Self.cases[2]
            let size = many.x.values.count / many.n
            let last = Array32([1] + many.x.shape[1...], Array(many.x.values.suffix(size)))
            let alone = try run(
                "flow.convolution", [last, many.weight, many.bias], results: [[1] + many.g.shape[1...]],
                attributes: many.attributes)[0]
            #expect(try many.forward()[1].values.suffix(alone.values.count).elementsEqual(alone.values))
        }

        @Test func notANumberReachesTheResult() throws {
            try (instructionSets.last ?? .baseline).use()
            let square = Self.cases[0]
            var x = square.x
            x.values[0] = .nan
            let y = try run(
                "flow.convolution", [x, square.weight], results: [square.g.shape], attributes: square.attributes)
            #expect(y[0].values[0].isNaN)
        }
    }
}

/// Euclidean distance, relative to the expected numbers' length.
private func distance(_ actual: Array32, _ expected: [Double]) -> Double {
    func length(_ numbers: [Double]) -> Double { numbers.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    return length(zip(actual.doubles, expected).map(-)) / length(expected)
}
