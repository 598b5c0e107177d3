public import Flows
public import NN
public import Settings
public import Tensors

/// A selective state-space network over patches (Gu and Dao 2023), conditioned as ``DiT`` is.
public struct Mamba: ConditionalNetwork {
    /// Sizes of a ``Mamba``; the defaults are the reference's.
    public struct Configuration: ModelConfiguration {
        public static let name = "mamba"
        public static let title = "Mamba"
        public static let summary = "A selective state-space network over patches, conditioned as DiT is."

        @Setting("Width of the residual stream.", .size) public var dModel = 256
        @Setting("States a channel.", .size) public var dState = 16
        @Setting("Length of the causal convolution.", unit: "patches", .size) public var dConv = 4
        @Setting("Width of the mixer in units of d_model.", .count) public var expand = 2
        @Setting("Blocks.", .count) public var depth = 6
        @Setting("Side of a square patch.", unit: "pixels", .size) public var patchSize = 4
        @Setting("Features of the time.", .size) public var tEmbedDim = 256
        @Setting("Features of the label.", .size) public var yEmbedDim = 256
        @Setting("Height and width of an image.", unit: "pixels", .size) public var imageSize = 32
        @Setting("Channels of an image; left out, the data's: 1 gray, 3 colour.", .count) public var imageChannels = 1
        @Setting(
            "Labels, without the null label; left out, the data's classes; 0 for a network without labels.", .classes)
        public var numClasses = 10

        public init() {}

        public func conflicts() -> [SettingConflict] { evenTimeEmbedding(tEmbedDim) + sizes.conflicts }

        public func makeNetwork() throws(SettingsError) -> any ConditionalNetwork { try Mamba(self) }

        public func sizes(in shapes: TensorShapes) -> SizesInShapes? {
            guard let decays = shapes("blocks.0.mamba.A_log", rank: 2),
                var sizes = shapes.patchSizes(width: "d_model"), let width = sizes["d_model"]
            else { return nil }
            sizes["d_state"] = decays[1]
            if width > 0, decays[0] % width == 0 { sizes["expand"] = decays[0] / width }
            sizes["d_conv"] = shapes("blocks.0.mamba.conv1d.weight", rank: 3)?[2]
            return SizesInShapes(sizes)
        }

        var sizes: PatchSizes {
            PatchSizes(
                width: dModel, patch: patchSize, tEmbedDim: tEmbedDim, yEmbedDim: yEmbedDim,
                numClasses: numClasses, imageShape: [imageChannels, imageSize, imageSize])
        }
    }

    private let body: PatchNetwork<MambaBlock>

    /// - Throws: ``SettingsError`` with every size that is impossible.
    public init(_ configuration: Configuration) throws(SettingsError) {
        try configuration.validate()
        body = PatchNetwork(configuration.sizes, depth: configuration.depth) { MambaBlock(configuration) }
    }

    public var classCount: Int { body.sizes.numClasses }

    public var imageShape: [Int] { body.sizes.imageShape }

    public var children: [(name: String, value: Any)] { body.children }

    public func callAsFunction(_ x: Tensor, at time: Tensor, labels: Tensor, _ context: Context) -> Tensor {
        body(x, at: time, labels: labels, context)
    }
}

/// A selective-scan mixer, normalised, modulated and gated by the condition.
private struct MambaBlock: PatchBlock {
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
