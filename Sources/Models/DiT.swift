public import FlowMatching
public import NN
public import Tracing

/// A Diffusion Transformer with adaptive layer norm, zero at the start (Peebles and Xie 2023).
public struct DiT: VelocityField {
    /// Sizes of a ``DiT``; the defaults are the reference's.
    public struct Configuration: ModelConfiguration {
        public var hiddenDim = 384
        /// Blocks.
        public var depth = 6
        public var numHeads = 6
        /// Width of the feed-forward part in units of `hidden_dim`.
        public var mlpRatio = 4.0
        public var patchSize = 4
        public var tEmbedDim = 384
        public var yEmbedDim = 384
        public var imageSize = 32
        public var imageChannels = 1
        public var numClasses = 10

        public init() {}

        public func validate() throws(ModelConfigurationError) {
            try requirePositive([
                "hidden_dim": hiddenDim, "num_heads": numHeads, "patch_size": patchSize,
                "t_embed_dim": tEmbedDim, "y_embed_dim": yEmbedDim, "image_size": imageSize,
                "num_classes": numClasses,
            ])
            try requirePositive(["depth": depth, "image_channels": imageChannels], atMost: 1024)
            try require(hiddenDim % numHeads == 0, "num_heads", "divides hidden_dim, \(hiddenDim)")
            try require(imageSize % patchSize == 0, "patch_size", "divides image_size, \(imageSize)")
            try require(tEmbedDim % 2 == 0, "t_embed_dim", "is even: half sines, half cosines")
            try require(
                mlpRatio > 0 && mlpRatio <= 64 && Double(hiddenDim) * mlpRatio >= 1, "mlp_ratio",
                "is a number above 0 and at most 64 that leaves the feed-forward part a width")
        }

        var sizes: PatchSizes {
            PatchSizes(
                width: hiddenDim, patch: patchSize, tEmbedDim: tEmbedDim, yEmbedDim: yEmbedDim,
                numClasses: numClasses, imageShape: [imageChannels, imageSize, imageSize])
        }
    }

    public let classCount: Int
    public let imageShape: [Int]
    private let patchSize: Int
    private let posEmbed: Parameter
    private let patchEmbed: PatchEmbedding
    private let conditioning: Conditioning
    private let blocks: [TransformerBlock]
    private let finalLayer: FinalLayer

    /// - Throws: ``ModelConfigurationError`` naming the key that is impossible.
    public init(_ configuration: Configuration) throws(ModelConfigurationError) {
        try configuration.validate()
        let sizes = configuration.sizes
        classCount = sizes.numClasses
        imageShape = sizes.imageShape
        patchSize = sizes.patch
        posEmbed = Parameter(
            [1, sizes.patchCount, sizes.width], .truncatedNormal(standardDeviation: 0.02, bound: 2))
        patchEmbed = PatchEmbedding(channels: imageShape[0], patch: sizes.patch, width: sizes.width)
        conditioning = Conditioning(sizes)
        blocks = (0..<configuration.depth).map { _ in TransformerBlock(configuration) }
        finalLayer = FinalLayer(sizes)
    }

    public var children: [(name: String, value: Any)] {
        [("pos_embed", posEmbed), ("patch_embed", patchEmbed)] + conditioning.children + [("blocks", blocks)]
            + finalLayer.children
    }

    public func callAsFunction(_ x: Tensor, at time: Tensor, labels: Tensor, _ context: Context) -> Tensor {
        let condition = conditioning(time, labels, context)
        var stream = ResidualStream(patchEmbed(x, context) + context[posEmbed])
        for block in blocks { block(&stream, condition, context) }
        return unpatchified(finalLayer(stream, condition, context), patch: patchSize, imageShape: imageShape)
    }
}

/// Self-attention and a feed-forward part, each normalised, modulated and gated by the condition.
private struct TransformerBlock: Module {
    private let attn: SelfAttention
    private let mlp: FeedForward
    private let modulation: Modulation

    init(_ configuration: DiT.Configuration) {
        let width = configuration.hiddenDim
        attn = SelfAttention(width, heads: configuration.numHeads)
        mlp = FeedForward(width, hidden: Int(Double(width) * configuration.mlpRatio))
        modulation = Modulation(width, count: 6)
    }

    var children: [(name: String, value: Any)] {
        [("attn", attn), ("mlp", mlp), ("adaLN_modulation", modulation)]
    }

    func callAsFunction(_ stream: inout ResidualStream, _ condition: Tensor, _ context: Context) {
        let parts = modulation(condition, context)
        stream.add(attn(stream.normalized(scale: parts[0], shift: parts[1]), context), gate: parts[2])
        stream.add(mlp(stream.normalized(scale: parts[3], shift: parts[4]), context), gate: parts[5])
    }
}
