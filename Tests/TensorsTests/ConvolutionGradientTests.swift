import StableHLO
import TestSupport
import Testing

@testable import Tensors

@Suite("Derivatives of convolutions", .needsPlugin)
struct ConvolutionGradientTests {
    private struct Settings {
        var height = 5
        var width = 4
        var kernel = [3, 3]
        var stride = 1
        var padding = 0
        var dilation = 1
        var groups = 1
    }

    private let cases: [Settings] = [
        Settings(), Settings(padding: 1), Settings(stride: 2, padding: 1),
        Settings(height: 6, width: 7, stride: 3, padding: 1),
        Settings(stride: 2), Settings(padding: 2, dilation: 2),
        Settings(height: 7, width: 6, stride: 2, padding: 1, dilation: 2),
        Settings(padding: 1, groups: 2), Settings(stride: 2, padding: 1, groups: 2), Settings(kernel: [1, 1]),
        Settings(kernel: [1, 1], stride: 2), Settings(kernel: [2, 3], padding: 1),
        Settings(height: 1, width: 1, padding: 1),
        Settings(height: 3, width: 3), Settings(kernel: [1, 1], padding: 1),
    ]

    @Test("Stride, padding, dilation and groups in both layouts")
    func settings() throws {
        let checks = cases.flatMap { settings -> [GradientCheck] in
            let kernel = [4, 2 / settings.groups] + settings.kernel
            func check(_ layout: String, _ images: [Int], _ dimensions: ConvolutionDimensions) -> GradientCheck {
                GradientCheck("\(layout) \(settings)", images, kernel) {
                    $0[0].convolved(
                        with: $0[1], stride: settings.stride, padding: settings.padding, dilation: settings.dilation,
                        groups: settings.groups, dimensions: dimensions)
                }
            }
            return [
                check("channels last", [2, settings.height, settings.width, 2], .channelsLast),
                check("channels first", [2, 2, settings.height, settings.width], .channelsFirst),
            ]
        }
        try expectGradients(checks)
    }

    @Test("Depthwise, in one dimension, and with uneven padding and spread input")
    func others() throws {
        let line = ConvolutionDimensions(input: (0, 1, [2]), kernel: (0, 1, [2]), output: (0, 1, [2]))
        let uneven = Convolution(
            dimensions: .channelsLast, strides: [2, 1], padding: [[2, -1], [0, 3]], inputDilation: [1, 2],
            kernelDilation: [1, 2], featureGroups: 1)
        let checks = [
            GradientCheck("depthwise", [1, 4, 4, 3], [3, 1, 3, 3]) {
                $0[0].convolved(with: $0[1], padding: 1, groups: 3)
            },
            GradientCheck("depthwise, two outputs a channel", [1, 4, 4, 2], [4, 1, 2, 2]) {
                $0[0].convolved(with: $0[1], groups: 2)
            },
            GradientCheck("one dimension", [2, 3, 6], [2, 3, 4]) {
                $0[0].convolved(with: $0[1], stride: 2, padding: 1, dimensions: line)
            },
            GradientCheck("uneven", [1, 6, 4, 2], [3, 2, 2, 2]) { Tensor.apply(uneven, $0[0], $0[1]) },
        ]
        try expectGradients(checks)
    }

    @Test("Values are those of the sum's definition in both layouts")
    func values() throws {
        var generator = SeededGenerator(seed: 3)
        let images = generator.array([2, 5, 4, 2])
        let kernel = generator.array([4, 1, 3, 2])
        let results = try evaluate(images, kernel) { arguments in
            let last = arguments[0].convolved(with: arguments[1], stride: 2, padding: 1, groups: 2)
            let first = arguments[0].transposed([0, 3, 1, 2]).convolved(
                with: arguments[1], stride: 2, padding: 1, groups: 2, dimensions: .channelsFirst)
            return [last, first.transposed([0, 2, 3, 1])]
        }
        var expected: [Double] = []
        for batch in 0..<2 {
            for row in 0..<3 {
                for column in 0..<3 {
                    for output in 0..<4 {
                        var sum = 0.0
                        for y in 0..<3 {
                            for x in 0..<2 {
                                let (sourceY, sourceX) = (2 * row + y - 1, 2 * column + x - 1)
                                guard (0..<5).contains(sourceY), (0..<4).contains(sourceX) else { continue }
                                let pixel = ((batch * 5 + sourceY) * 4 + sourceX) * 2 + output / 2
                                sum += images.values[pixel] * kernel.values[(output * 3 + y) * 2 + x]
                            }
                        }
                        expected.append(sum)
                    }
                }
            }
        }
        #expect(worstDifference(results[0], expected) < 1e-12)
        #expect(worstDifference(results[1], expected) < 1e-12)
    }
}
