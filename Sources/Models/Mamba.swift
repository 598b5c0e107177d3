public import FlowMatching
public import NN
public import Tracing

/// A selective state-space network over patches (Gu and Dao 2023), conditioned as ``DiT`` is.
public struct Mamba: VelocityField {
    /// Sizes of a ``Mamba``; the defaults are the reference's.
    public struct Configuration: ModelConfiguration {
        public var dModel = 256
        /// States a channel.
        public var dState = 16
        /// Length of the causal convolution.
        public var dConv = 4
        /// Width of the mixer in units of `d_model`.
        public var expand = 2
        /// Blocks.
        public var depth = 6
        public var patchSize = 4
        public var tEmbedDim = 256
        public var yEmbedDim = 256
        public var imageSize = 32
        public var imageChannels = 1
        public var numClasses = 10

        public init() {}

        public func validate() throws(ModelConfigurationError) {
            try requirePositive([
                "d_model": dModel, "d_state": dState, "d_conv": dConv, "patch_size": patchSize,
                "t_embed_dim": tEmbedDim, "y_embed_dim": yEmbedDim, "image_size": imageSize, "num_classes": numClasses,
            ])
            try requirePositive(["expand": expand, "depth": depth, "image_channels": imageChannels], atMost: 1024)
            try require(imageSize % patchSize == 0, "patch_size", "divides image_size, \(imageSize)")
            try require(tEmbedDim % 2 == 0, "t_embed_dim", "is even: half sines, half cosines")
        }

        var sizes: PatchSizes {
            PatchSizes(
                width: dModel, patch: patchSize, tEmbedDim: tEmbedDim, yEmbedDim: yEmbedDim,
                numClasses: numClasses, imageShape: [imageChannels, imageSize, imageSize])
        }
    }

    public let classCount: Int
    public let imageShape: [Int]
    private let patchSize: Int
    private let posEmbed: Parameter
    private let patchEmbed: PatchEmbedding
    private let conditioning: Conditioning
    private let blocks: [MambaBlock]
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
        blocks = (0..<configuration.depth).map { _ in MambaBlock(configuration) }
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

/// A selective-scan mixer, normalised, modulated and gated by the condition.
private struct MambaBlock: Module {
    private let mamba: SelectiveScanMixer
    private let modulation: Modulation

    init(_ configuration: Mamba.Configuration) {
        mamba = SelectiveScanMixer(
            configuration.dModel, states: configuration.dState, convolution: configuration.dConv,
            expand: configuration.expand)
        modulation = Modulation(configuration.dModel, count: 3)
    }

    var children: [(name: String, value: Any)] { [("mamba", mamba), ("adaLN_modulation", modulation)] }

    func callAsFunction(_ stream: inout ResidualStream, _ condition: Tensor, _ context: Context) {
        let parts = modulation(condition, context)
        stream.add(mamba(stream.normalized(scale: parts[0], shift: parts[1]), context), gate: parts[2])
    }
}
