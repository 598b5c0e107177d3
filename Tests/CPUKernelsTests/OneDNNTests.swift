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

        @Test(arguments: [(1, 1, 1), (5, 3, 7), (33, 16, 20), (70, 64, 48)])
        func linearAndGradients(rows: Int, inputs: Int, outputs: Int) throws {
            let x = Array32([rows, inputs], seed: 1)
            let weight = Array32([outputs, inputs], seed: 2)
            let bias = Array32([outputs], seed: 3)
            let g = Array32([rows, outputs], seed: 4)
            var y = [Double](repeating: 0, count: rows * outputs)
            var dx = [Double](repeating: 0, count: rows * inputs)
            var dw = [Double](repeating: 0, count: outputs * inputs)
            var db = [Double](repeating: 0, count: outputs)
            let (xd, wd, gd) = (x.doubles, weight.doubles, g.doubles)
            for m in 0..<rows {
                for n in 0..<outputs {
                    for k in 0..<inputs {
                        y[m * outputs + n] += xd[m * inputs + k] * wd[n * inputs + k]
                        dx[m * inputs + k] += gd[m * outputs + n] * wd[n * inputs + k]
                        dw[n * inputs + k] += gd[m * outputs + n] * xd[m * inputs + k]
                    }
                    db[n] += gd[m * outputs + n]
                }
            }
            let biased = y.enumerated().map { $1 + Double(bias.values[$0 % outputs]) }
            #expect(difference(try run("flow.linear", [x, weight], results: [g.shape])[0], y) < 2e-6)
            #expect(difference(try run("flow.linear", [x, weight, bias], results: [g.shape])[0], biased) < 2e-6)
            let both = try run("flow.linear_gelu", [x, weight, bias], results: [g.shape, g.shape])
            #expect(difference(both[0], biased) < 2e-6)
            #expect(difference(both[1], biased.map(Elementwise.gelu)) < 2e-6)
            #expect(difference(try run("flow.linear_input_gradient", [g, weight], results: [x.shape])[0], dx) < 2e-6)
            let gradients = try run("flow.linear_weight_gradient", [x, g], results: [weight.shape, bias.shape])
            #expect(difference(gradients[0], dw) < 2e-6)
            #expect(difference(gradients[1], db) < 2e-6)
        }
    }
}
