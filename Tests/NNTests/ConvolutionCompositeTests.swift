import NN
import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Composites on images", .needsPlugin)
struct ImageCompositeTests {
    /// The sum that defines a convolution of (batch, height, width, channels) with (out, in, k, k).
    private func reference(
        _ images: HostArray, _ kernel: HostArray, _ bias: HostArray, stride: Int, padding: Int,
        adding residual: HostArray?
    ) -> HostArray {
        func extent(_ size: Int, _ window: Int) -> Int { (size + 2 * padding - window) / stride + 1 }
        let (height, width) = (images.shape[1], images.shape[2])
        let shape = [
            images.shape[0], extent(height, kernel.shape[2]), extent(width, kernel.shape[3]), kernel.shape[0],
        ]
        return HostArray(shape) { index in
            var sum = bias[index[3]] + (residual?[index[0], index[1], index[2], index[3]] ?? 0)
            for y in 0..<kernel.shape[2] {
                for x in 0..<kernel.shape[3] {
                    let (row, column) = (index[1] * stride + y - padding, index[2] * stride + x - padding)
                    guard (0..<height).contains(row), (0..<width).contains(column) else { continue }
                    for channel in 0..<images.shape[3] {
                        sum += images[index[0], row, column, channel] * kernel[index[3], channel, y, x]
                    }
                }
            }
            return sum
        }
    }

    @Test(
        "Convolution with bias is its sum",
        arguments: [(1, 1, 3), (2, 1, 3), (1, 0, 3), (1, 0, 1), (2, 0, 2)] as [(Int, Int, Int)])
    func convolutionValues(stride: Int, padding: Int, size: Int) throws {
        var generator = SeededGenerator(seed: 1)
        let (images, kernel) = (generator.array([2, 6, 5, 3]), generator.array([4, 3, size, size]))
        let bias = generator.array([4])
        let plain = reference(images, kernel, bias, stride: stride, padding: padding, adding: nil)
        let residual = generator.array(plain.shape)
        let results = try evaluate(images, kernel, bias, residual) {
            [
                convolution($0[0], $0[1], bias: $0[2], stride: stride, padding: padding),
                convolution($0[0], $0[1], bias: $0[2], stride: stride, padding: padding, adding: $0[3]),
            ]
        }
        #expect(worstDifference(results[0], plain.values) < 1e-12)
        let added = reference(images, kernel, bias, stride: stride, padding: padding, adding: residual)
        #expect(worstDifference(results[1], added.values) < 1e-12)
    }

    @Test("Derivative of convolution with and without residual")
    func convolutionGradients() throws {
        let checks = [(1, 1, 3), (2, 1, 3), (2, 0, 2), (1, 0, 1)].flatMap { stride, padding, size -> [GradientCheck] in
            let rows = (4 + 2 * padding - size) / stride + 1
            let columns = (5 + 2 * padding - size) / stride + 1
            return [
                GradientCheck("stride \(stride), \(size)", [2, 4, 5, 2], [3, 2, size, size], [3]) {
                    convolution($0[0], $0[1], bias: $0[2], stride: stride, padding: padding)
                },
                GradientCheck(
                    "residual, stride \(stride), \(size)", [2, 4, 5, 2], [3, 2, size, size], [3], [2, rows, columns, 3]
                ) { convolution($0[0], $0[1], bias: $0[2], stride: stride, padding: padding, adding: $0[3]) },
            ]
        }
        let shared = GradientCheck("own input added", [1, 3, 3, 2], [2, 2, 3, 3], [2]) {
            convolution($0[0], $0[1], bias: $0[2], padding: 1, adding: $0[0])
        }
        try expectGradients(checks + [shared])
    }

    @Test(
        "SiLU and batch normalisation in both orders are their formulas",
        arguments: [ActivationOrder.activationFirst, .normalizationFirst])
    func normalizationValues(order: ActivationOrder) throws {
        var generator = SeededGenerator(seed: 2)
        let x = generator.array([3, 2, 4, 5], in: -2...3)
        let (scale, shift) = (generator.array([5], in: 0.5...2), generator.array([5]))
        let epsilon = 1e-5
        let results = try evaluate(x, scale, shift) { arguments in
            let batch = batchNormalized(
                arguments[0], scale: arguments[1], shift: arguments[2], epsilon: epsilon, order: order)
            return [batch.output, batch.mean, batch.variance]
        }
        func activated(_ value: Double) -> Double { value / (1 + exponential(-value)) }
        let input = order == .activationFirst ? HostArray(x.values.map(activated), x.shape, .float64) : x
        let count = 24.0
        func channel(_ index: Int) -> [Double] {
            stride(from: index, to: input.values.count, by: 5).map { input.values[$0] }
        }
        let means = (0..<5).map { channel($0).reduce(0, +) / count }
        let variances = (0..<5).map { index in
            channel(index).reduce(0) { $0 + ($1 - means[index]) * ($1 - means[index]) } / count
        }
        let output = HostArray(x.shape) { index in
            let c = index[3]
            let normalized = (input[index[0], index[1], index[2], c] - means[c]) / (variances[c] + epsilon).squareRoot()
            let scaled = normalized * scale[c] + shift[c]
            return order == .activationFirst ? scaled : activated(scaled)
        }
        #expect(worstDifference(results[0], output.values) < 1e-12)
        #expect(worstDifference(results[1], means) < 1e-12)
        #expect(worstDifference(results[2], variances) < 1e-12)
    }

    @Test("Derivative of SiLU and batch normalisation")
    func normalizationGradients() throws {
        let shapes = [[2, 2, 3, 2], [1, 2, 2, 1], [5, 3]]
        let checks = shapes.flatMap { shape in
            [ActivationOrder.activationFirst, .normalizationFirst].flatMap { order in
                ["output", "mean", "variance", "all"].map { part in
                    GradientCheck(
                        "\(order) \(shape) \(part)", shape, [shape[shape.count - 1]], [shape[shape.count - 1]]
                    ) {
                        let batch = batchNormalized($0[0], scale: $0[1], shift: $0[2], epsilon: 1e-3, order: order)
                        switch part {
                        case "output": return batch.output
                        case "mean": return exp(batch.mean)
                        case "variance": return exp(batch.variance)
                        default: return batch.output * batch.mean + batch.variance
                        }
                    }
                }
            }
        }
        try expectGradients(checks, tolerance: 1e-5)
    }

    @Test("Upsampling interpolates between pixel centres", arguments: [[2, 3, 4, 2], [1, 1, 1, 1], [1, 1, 3, 2]])
    func upsamplingValues(shape: [Int]) throws {
        var generator = SeededGenerator(seed: 4)
        let images = generator.array(shape)
        let results = try evaluate(images) { [upsampledBilinear($0[0])] }
        let expected = HostArray([shape[0], 2 * shape[1], 2 * shape[2], shape[3]]) { index in
            // The place of the output's centre among the input's centres, held at the edges.
            func neighbours(_ position: Int, _ size: Int) -> (Int, Int, Double) {
                let place = min(max((Double(position) + 0.5) / 2 - 0.5, 0), Double(size - 1))
                let low = Int(place)
                return (low, min(low + 1, size - 1), place - Double(low))
            }
            let (top, bottom, down) = neighbours(index[1], shape[1])
            let (left, right, across) = neighbours(index[2], shape[2])
            func pixel(_ row: Int, _ column: Int) -> Double { images[index[0], row, column, index[3]] }
            let upper = pixel(top, left) * (1 - across) + pixel(top, right) * across
            let lower = pixel(bottom, left) * (1 - across) + pixel(bottom, right) * across
            return upper * (1 - down) + lower * down
        }
        #expect(worstDifference(results[0], expected.values) < 1e-12)
    }

    @Test("Derivative of upsampling")
    func upsamplingGradients() throws {
        try expectGradients(
            [[1, 3, 2, 2], [2, 1, 1, 1], [1, 1, 4, 1]].map { shape in
                GradientCheck("\(shape)", shape) { upsampledBilinear($0[0]) }
            })
    }
}
