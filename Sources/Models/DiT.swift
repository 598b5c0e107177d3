public import Flows
public import NN
public import Settings
public import Tensors

/// A Diffusion Transformer with adaptive layer norm, zero at the start (Peebles and Xie 2023).
public struct DiT: ConditionalNetwork {
    /// Sizes of a ``DiT``; the defaults are the reference's.
    public struct Configuration: ModelConfiguration {
        public static let name = "dit"
        public static let title = "DiT"
        public static let summary = "A Diffusion Transformer over patches, with adaptive layer norm."

        @Setting("Width of the residual stream.", .size) public var hiddenDim = 384
        @Setting("Blocks.", .count) public var depth = 6
        @Setting("Heads of the attention; they divide hidden_dim.", .size) public var numHeads = 6
        @Setting(
            "Width of the feed-forward part in units of hidden_dim.",
            SettingRange("a number above 0 and at most 64") { $0 > 0 && $0 <= 64 }) public var mlpRatio = 4.0
        @Setting("Side of a square patch.", unit: "pixels", .size) public var patchSize = 4
        @Setting("Features of the time.", .size) public var tEmbedDim = 384
        @Setting("Features of the label.", .size) public var yEmbedDim = 384
        @Setting("Height and width of an image.", unit: "pixels", .size) public var imageSize = 32
        @Setting("Channels of an image; left out, the data's: 1 gray, 3 colour.", .count) public var imageChannels = 1
        @Setting(
            "Labels, without the null label; left out, the data's classes; 0 for a network without labels.", .classes)
        public var numClasses = 10

        public init() {}

        public func conflicts() -> [SettingConflict] {
            var conflicts = evenTimeEmbedding(tEmbedDim) + sizes.conflicts
            if hiddenDim % numHeads != 0 {
                conflicts.append(SettingConflict("num_heads", mustBe: "a divisor of hidden_dim, \(hiddenDim)"))
            }
            if Double(hiddenDim) * mlpRatio < 1 {
                conflicts.append(
                    SettingConflict("mlp_ratio", mustBe: "so large that the feed-forward part has a width"))
            }
            return conflicts
        }

        public func makeNetwork() throws(SettingsError) -> any ConditionalNetwork { try DiT(self) }

        public func sizes(in shapes: TensorShapes) -> SizesInShapes? {
            guard shapes("blocks.0.attn.in_proj_weight", rank: 2) != nil,
                let common = shapes.patchSizes(width: "hidden_dim"), let width = common["hidden_dim"]
            else { return nil }
            var sizes = SizesInShapes(common, needed: ["num_heads"])
            if let hidden = shapes("blocks.0.mlp.0.weight", rank: 2)?[0], width > 0 {
                let ratio = Double(hidden) / Double(width)
                // The width is truncated: a ratio that was rounded down would lose one.
                sizes.add("mlp_ratio", Double(width) * ratio < Double(hidden) ? ratio.nextUp : ratio)
            }
            return sizes
        }

        var sizes: PatchSizes {
            PatchSizes(
                width: hiddenDim, patch: patchSize, tEmbedDim: tEmbedDim, yEmbedDim: yEmbedDim,
                numClasses: numClasses, imageShape: [imageChannels, imageSize, imageSize])
        }
    }

    private let body: PatchNetwork<TransformerBlock>

    /// - Throws: ``SettingsError`` with every size that is impossible.
    public init(_ configuration: Configuration) throws(SettingsError) {
        try configuration.validate()
        body = PatchNetwork(configuration.sizes, depth: configuration.depth) { TransformerBlock(configuration) }
    }

    public var classCount: Int { body.sizes.numClasses }

    public var imageShape: [Int] { body.sizes.imageShape }

    public var children: [(name: String, value: Any)] { body.children }

    public func callAsFunction(_ x: Tensor, at time: Tensor, labels: Tensor, _ context: Context) -> Tensor {
        body(x, at: time, labels: labels, context)
    }
}

/// Self-attention and a feed-forward part, each normalised, modulated and gated by the condition.
private struct TransformerBlock: PatchBlock {
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
