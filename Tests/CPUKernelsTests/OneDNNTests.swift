import CCPUKernels
import CPUKernels
import Testing

extension KernelTests {
    @Suite(.enabled(if: OneDNNLibrary.path != nil, "needs oneDNN: run the set-up, or set ONEDNN_LIBRARY_PATH"))
    struct WithOneDNN {
        init() throws { try OneDNNLibrary.load() }

        @Test func theVersionIsKnownOnceLoaded() {
            #expect(OneDNN.version?.major == 3)
            #expect(CPUKernel.available.count == CPUKernel.all.count)
        }

        static let shapes = [
            ConvolutionCase(n: 2, h: 6, w: 5, i: 3, o: 4),
            ConvolutionCase(n: 1, h: 8, w: 8, i: 1, o: 16),
            ConvolutionCase(n: 2, h: 8, w: 8, i: 32, o: 1),
            ConvolutionCase(n: 2, h: 5, w: 4, i: 21, o: 1),
            ConvolutionCase(n: 1, h: 6, w: 7, i: 3, o: 1, k: 5, padding: 0),
            ConvolutionCase(n: 1, h: 2, w: 3, i: 16, o: 1, padding: 2),
            ConvolutionCase(n: 1, h: 5, w: 4, i: 3, o: 1, stride: 2),
            ConvolutionCase(n: 2, h: 8, w: 6, i: 16, o: 32, stride: 2),
            ConvolutionCase(n: 1, h: 7, w: 7, i: 5, o: 3, stride: 2),
            ConvolutionCase(n: 2, h: 8, w: 8, i: 1, o: 20, k: 4, stride: 4, padding: 0),
            ConvolutionCase(n: 1, h: 4, w: 4, i: 32, o: 32, k: 1, padding: 0),
            ConvolutionCase(n: 1, h: 6, w: 6, i: 32, o: 32, k: 5, padding: 2),
        ]

        @Test(arguments: shapes.indices)
        func convolutionAndGradients(index: Int) throws {
            try Self.shapes[index].check(tolerance: 2e-6)
        }

        @Test func convolutionChecksItsGeometry() {
            let x = Array32([1, 4, 4, 2], seed: 1)
            let weight = Array32([3, 2, 3, 3], seed: 2)
            let error = #expect(throws: KernelFailure.self) {
                try run(
                    "flow.convolution", [x, weight], results: [[1, 4, 4, 3]],
                    attributes: [("stride", 2), ("padding", 1)])
            }
            #expect(error?.kind == FlowFailureKindInvalidArgument)
        }
    }
}
