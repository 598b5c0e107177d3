import NN
import Tensors

/// Cuts images into square patches and maps each to a vector; adds a learned position.
struct PatchEmbedding: Module {
    private let weight: Parameter
    private let bias: Parameter
    private let patch: Int

    init(channels: Int, patch: Int, width: Int) {
        let inputs = channels * patch * patch
        weight = Parameter([width, channels, patch, patch], .xavierUniform(inputs: inputs, outputs: width))
        bias = Parameter([width], .constant(0))
        self.patch = patch
    }

    var children: [(name: String, value: Any)] { [("proj.weight", weight), ("proj.bias", bias)] }

    /// (batch, channels, height, width) to (batch, patches, width), patches row by row.
    func callAsFunction(_ x: Tensor, _ context: Context) -> Tensor {
        let (batch, channels, height, width) = (x.shape[0], x.shape[1], x.shape[2] / patch, x.shape[3] / patch)
        let cut = x.reshaped(to: [batch, channels, height, patch, width, patch]).transposed([0, 2, 4, 1, 3, 5])
        let patches = cut.reshaped(to: [batch, height * width, channels * patch * patch])
        let kernel = context[weight]
        return linear(
            patches, kernel.reshaped(to: [kernel.shape[0], channels * patch * patch]), bias: context[bias])
    }
}

/// Puts patches (batch, patches, patch x patch x channels) together to images (batch, channels, height, width);
/// pixels row by row within a patch, channels innermost.
func unpatchified(_ x: Tensor, patch: Int, imageShape: [Int]) -> Tensor {
    let (channels, rows, columns) = (imageShape[0], imageShape[1] / patch, imageShape[2] / patch)
    return x.reshaped(to: [x.shape[0], rows, columns, patch, patch, channels])
        .transposed([0, 5, 1, 3, 2, 4])
        .reshaped(to: [x.shape[0]] + imageShape)
}
