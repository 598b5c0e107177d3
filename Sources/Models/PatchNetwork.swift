import NN
import Tensors

/// A block over patches that is steered by the condition.
protocol PatchBlock: Module {
    /// Moves the stream on, given the condition (batch, width).
    func callAsFunction(_ stream: inout ResidualStream, _ condition: Tensor, _ context: Context)
}

/// What DiT and Mamba are but for their blocks: patches with positions, blocks under one condition, the modulated last
/// layer, and patches put together again.
struct PatchNetwork<Block: PatchBlock>: Module {
    let sizes: PatchSizes
    private let posEmbed: Parameter
    private let patchEmbed: PatchEmbedding
    private let conditioning: Conditioning
    private let blocks: [Block]
    private let finalLayer: FinalLayer

    init(_ sizes: PatchSizes, depth: Int, block: () -> Block) {
        self.sizes = sizes
        posEmbed = Parameter(
            [1, sizes.patchCount, sizes.width], .truncatedNormal(standardDeviation: 0.02, bound: 2))
        patchEmbed = PatchEmbedding(channels: sizes.imageShape[0], patch: sizes.patch, width: sizes.width)
        conditioning = Conditioning(sizes)
        blocks = (0..<depth).map { _ in block() }
        finalLayer = FinalLayer(sizes)
    }

    var children: [(name: String, value: Any)] {
        [("pos_embed", posEmbed), ("patch_embed", patchEmbed)] + conditioning.children + [("blocks", blocks)]
            + finalLayer.children
    }

    func callAsFunction(_ x: Tensor, at time: Tensor, labels: Tensor, _ context: Context) -> Tensor {
        let condition = conditioning(time, labels, context)
        var stream = ResidualStream(patchEmbed(x, context) + context[posEmbed])
        for block in blocks { block(&stream, condition, context) }
        return unpatchified(finalLayer(stream, condition, context), patch: sizes.patch, imageShape: sizes.imageShape)
    }
}
