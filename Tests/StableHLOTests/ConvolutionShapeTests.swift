import StableHLO
import Testing

@Suite("Shape rule of convolution")
struct ConvolutionShapeTests {
    @Test("Sizes follow stride, padding, dilation and groups in both layouts")
    func sizes() throws {
        let images = f32(2, 9, 8, 4)
        try ShapeRuleCase.allowed(convolution(), images, f32(6, 4, 3, 3), gives: f32(2, 7, 6, 6)).check()
        try ShapeRuleCase.allowed(
            convolution(strides: [2, 2], padding: [[1, 1], [1, 1]]), images, f32(6, 4, 3, 3), gives: f32(2, 5, 4, 6)
        ).check()
        try ShapeRuleCase.allowed(
            convolution(kernelDilation: [2, 3]), images, f32(6, 4, 3, 3), gives: f32(2, 5, 2, 6)
        ).check()
        try ShapeRuleCase.allowed(
            convolution(inputDilation: [2, 1]), images, f32(6, 4, 3, 3), gives: f32(2, 15, 6, 6)
        ).check()
        try ShapeRuleCase.allowed(
            convolution(padding: [[-1, 0], [0, -2]]), images, f32(6, 4, 1, 1), gives: f32(2, 8, 6, 6)
        ).check()
        try ShapeRuleCase.allowed(
            convolution(featureGroups: 2), images, f32(6, 2, 3, 3), gives: f32(2, 7, 6, 6)
        ).check()
        try ShapeRuleCase.allowed(
            convolution(batchGroups: 2), images, f32(6, 4, 3, 3), gives: f32(1, 7, 6, 6)
        ).check()
        try ShapeRuleCase.allowed(
            convolution(.channelsFirst), f32(2, 4, 9, 8), f32(6, 4, 3, 3), gives: f32(2, 6, 7, 6)
        ).check()
        try ShapeRuleCase.allowed(convolution(), f32(0, 9, 8, 4), f32(6, 4, 3, 3), gives: f32(0, 7, 6, 6)).check()
    }

    @Test(
        "Misfits are refused",
        arguments: [
            ShapeRuleCase.refused(convolution(), f32(2, 9, 8, 4), because: "takes 2 operands"),
            .refused(convolution(), f32(9, 8, 4), f32(6, 4, 3, 3), because: "rank 4"),
            .refused(convolution(), f32(2, 9, 8, 4), f32(6, 4, 3), because: "rank 4"),
            .refused(convolution(), i32(2, 9, 8, 4), i32(6, 4, 3, 3), because: "floating-point"),
            .refused(
                convolution(), f32(2, 9, 8, 4), TensorType([6, 4, 3, 3], .float64), because: "one element type"),
            .refused(convolution(strides: [0, 1]), f32(2, 9, 8, 4), f32(6, 4, 3, 3), because: "positive strides"),
            .refused(convolution(strides: [1]), f32(2, 9, 8, 4), f32(6, 4, 3, 3), because: "positive strides"),
            .refused(convolution(padding: [[1, 1]]), f32(2, 9, 8, 4), f32(6, 4, 3, 3), because: "a padding"),
            .refused(convolution(inputDilation: [0, 1]), f32(2, 9, 8, 4), f32(6, 4, 3, 3), because: "dilation"),
            .refused(convolution(kernelDilation: [1, -1]), f32(2, 9, 8, 4), f32(6, 4, 3, 3), because: "dilation"),
            .refused(convolution(featureGroups: 0), f32(2, 9, 8, 4), f32(6, 4, 3, 3), because: "group"),
            .refused(
                convolution(), f32(2, 9, 8, 4), f32(6, 3, 3, 3), because: "has 4 input channels, the kernel takes 3"),
            .refused(
                convolution(featureGroups: 2), f32(2, 9, 8, 4), f32(5, 2, 3, 3), because: "output channels into 2"),
            .refused(convolution(batchGroups: 2), f32(3, 9, 8, 4), f32(6, 4, 3, 3), because: "into 2 groups"),
            .refused(convolution(), f32(2, 9, 2, 4), f32(6, 4, 3, 3), because: "extent 3 over a padded input of 2"),
            .refused(
                convolution(misplaced), f32(2, 9, 8, 4), f32(6, 4, 3, 3), because: "each dimension once"),
            .refused(
                convolution(lopsided), f32(2, 9, 8, 4), f32(6, 4, 3, 3), because: "each dimension once"),
        ])
    func misfits(example: ShapeRuleCase) throws { try example.check() }
}

/// Names dimension 4 of a tensor of rank 4.
private let misplaced = ConvolutionDimensions(
    input: (0, 4, [1, 2]), kernel: (0, 1, [2, 3]), output: (0, 3, [1, 2]))

/// Has fewer spatial dimensions in the kernel than in the input.
private let lopsided = ConvolutionDimensions(
    input: (0, 3, [1, 2]), kernel: (0, 1, [2]), output: (0, 3, [1, 2]))

private func convolution(
    _ dimensions: ConvolutionDimensions = .channelsLast, strides: [Int] = [1, 1],
    padding: [[Int]] = [[0, 0], [0, 0]], inputDilation: [Int] = [1, 1], kernelDilation: [Int] = [1, 1],
    featureGroups: Int = 1, batchGroups: Int = 1
) -> Convolution {
    Convolution(
        dimensions: dimensions, strides: strides, padding: padding, inputDilation: inputDilation,
        kernelDilation: kernelDilation, featureGroups: featureGroups, batchGroups: batchGroups)
}
