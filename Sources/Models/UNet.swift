public import Flows
public import NN
public import Settings
public import Tensors

/// A convolutional encoder and decoder with skip connections, conditioned on time and label.
///
/// Layer by layer as in the reference experiment; images travel as (batch, height, width, channels).
public struct UNet: ConditionalNetwork {
    /// Sizes of a ``UNet``; the defaults are the reference's.
    public struct Configuration: ModelConfiguration {
        public static let name = "unet"
        public static let title = "UNet"
        public static let summary = "A convolutional encoder and decoder with skip connections."

        @Setting(
            "Widths of the stages, from full resolution down.", unit: "channels",
            .list(of: 2...16, each: 1...65536)) public var channels = [32, 64, 128]
        @Setting("Residual layers in each encoder, the middle and each decoder.", .count) public var numResidualLayers =
            2
        @Setting("Features of the time.", .size) public var tEmbedDim = 40
        @Setting("Features of the label.", .size) public var yEmbedDim = 40
        @Setting("Height and width of an image.", unit: "pixels", .size) public var imageSize = 32
        @Setting("Channels of an image; left out, the data's: 1 gray, 3 colour.", .count) public var imageChannels = 1
        @Setting(
            "Labels, without the null label; left out, the data's classes; 0 for a network without labels.", .classes)
        public var numClasses = 10

        public init() {}

        public func conflicts() -> [SettingConflict] {
            let factor = 1 << (channels.count - 1)
            let size = SettingConflict("image_size", mustBe: "a multiple of \(factor), halved once a stage")
            return evenTimeEmbedding(tEmbedDim) + (imageSize % factor == 0 ? [] : [size])
        }

        public func makeNetwork() throws(SettingsError) -> any ConditionalNetwork { try UNet(self) }

        public func sizes(in shapes: TensorShapes) -> SizesInShapes? {
            guard let first = shapes("init_conv.0.weight", rank: 4),
                let time = shapes("time_embedder.weights", rank: 2),
                let labels = shapes("y_embedder.weight", rank: 2)
            else { return nil }
            let widths = (0..<shapes.count(of: "encoders")).compactMap {
                shapes("encoders.\($0).downsample.weight", rank: 4)?[0]
            }
            var seen = [
                "num_residual_layers": shapes.count(of: "midcoder.res_blocks"), "image_channels": first[1],
                "num_classes": labels[0] - 1, "y_embed_dim": labels[1],
            ]
            seen["t_embed_dim"] = shapes.doubled(time[1])
            var sizes = SizesInShapes(seen, free: ["image_size"])
            sizes.add("channels", [first[0]] + widths)
            return sizes
        }
    }

    public let classCount: Int
    public let imageShape: [Int]
    private let initConv: InputBlock
    private let timeEmbedder: FourierFeatures
    private let yEmbedder: Embedding
    private let encoders: [Encoder]
    private let midcoder: ResidualStack
    private let decoders: [Decoder]
    private let finalConv: Convolution2D

    /// - Throws: ``SettingsError`` with every size that is impossible.
    public init(_ configuration: Configuration) throws(SettingsError) {
        try configuration.validate()
        let channels = configuration.channels
        let pairs = zip(channels, channels.dropFirst())
        classCount = configuration.numClasses
        imageShape = [configuration.imageChannels, configuration.imageSize, configuration.imageSize]
        initConv = InputBlock(configuration.imageChannels, channels[0])
        timeEmbedder = FourierFeatures(configuration.tEmbedDim)
        yEmbedder = Embedding(configuration.numClasses + 1, configuration.yEmbedDim)
        encoders = pairs.map { Encoder($0, $1, configuration) }
        midcoder = ResidualStack(channels[channels.count - 1], configuration)
        decoders = pairs.reversed().map { Decoder($1, $0, configuration) }
        finalConv = Convolution2D(channels[0], configuration.imageChannels, kernel: 3, padding: 1)
    }

    public func callAsFunction(_ x: Tensor, at time: Tensor, labels: Tensor, _ context: Context) -> Tensor {
        let t = timeEmbedder(time, context)
        let y = yEmbedder(labels, context)
        var h = initConv(x.transposed([0, 2, 3, 1]), context)
        var skips: [Tensor] = []
        for encoder in encoders {
            h = encoder(h, t, y, context)
            skips.append(h)
        }
        h = midcoder(h, t, y, context)
        for decoder in decoders { h = decoder(h + skips.removeLast(), t, y, context) }
        return finalConv(h, context).transposed([0, 3, 1, 2])
    }
}

/// Convolution, batch normalisation, SiLU.
private struct InputBlock: Module {
    private let convolution: Convolution2D
    private let norm: BatchNorm

    init(_ inputs: Int, _ outputs: Int) {
        convolution = Convolution2D(inputs, outputs, kernel: 3, padding: 1)
        norm = BatchNorm(outputs)
    }

    var children: [(name: String, value: Any)] { [("0", convolution), ("1", norm)] }

    func callAsFunction(_ x: Tensor, _ context: Context) -> Tensor {
        norm(convolution(x, context), context, order: .normalizationFirst)
    }
}

/// SiLU, batch normalisation, 3x3 convolution.
private struct ConvolutionBlock: Module {
    private let norm: BatchNorm
    private let convolution: Convolution2D

    init(_ channels: Int) {
        norm = BatchNorm(channels)
        convolution = Convolution2D(channels, channels, kernel: 3, padding: 1)
    }

    var children: [(name: String, value: Any)] { [("1", norm), ("2", convolution)] }

    func callAsFunction(_ x: Tensor, _ context: Context, adding residual: Tensor? = nil) -> Tensor {
        convolution(norm(x, context, order: .activationFirst), context, adding: residual)
    }
}

/// Two convolution blocks; time and label are added between them, the input after them.
private struct ResidualLayer: Module {
    private let block1: ConvolutionBlock
    private let block2: ConvolutionBlock
    private let timeAdapter: ConditionMLP
    private let yAdapter: ConditionMLP

    init(_ channels: Int, _ configuration: UNet.Configuration) {
        block1 = ConvolutionBlock(channels)
        block2 = ConvolutionBlock(channels)
        timeAdapter = ConditionMLP(configuration.tEmbedDim, hidden: configuration.tEmbedDim, channels)
        yAdapter = ConditionMLP(configuration.yEmbedDim, hidden: configuration.yEmbedDim, channels)
    }

    func callAsFunction(_ x: Tensor, _ t: Tensor, _ y: Tensor, _ context: Context) -> Tensor {
        let condition = timeAdapter(t, context) + yAdapter(y, context)
        return block2(embeddingAdded(block1(x, context), condition), context, adding: x)
    }
}

/// Residual layers one after another.
private struct ResidualStack: Module {
    private let resBlocks: [ResidualLayer]

    init(_ channels: Int, _ configuration: UNet.Configuration) {
        resBlocks = (0..<configuration.numResidualLayers).map { _ in ResidualLayer(channels, configuration) }
    }

    func callAsFunction(_ x: Tensor, _ t: Tensor, _ y: Tensor, _ context: Context) -> Tensor {
        resBlocks.reduce(x) { h, block in block(h, t, y, context) }
    }
}

/// Residual layers, then a strided convolution to the next width at half the resolution.
private struct Encoder: Module {
    private let residual: ResidualStack
    private let downsample: Convolution2D

    init(_ inputs: Int, _ outputs: Int, _ configuration: UNet.Configuration) {
        residual = ResidualStack(inputs, configuration)
        downsample = Convolution2D(inputs, outputs, kernel: 3, stride: 2, padding: 1)
    }

    var children: [(name: String, value: Any)] { residual.children + [("downsample", downsample)] }

    func callAsFunction(_ x: Tensor, _ t: Tensor, _ y: Tensor, _ context: Context) -> Tensor {
        downsample(residual(x, t, y, context), context)
    }
}

/// Bilinear upsampling and a convolution to the narrower width, then residual layers.
private struct Decoder: Module {
    private let upsample: Upsampling
    private let residual: ResidualStack

    init(_ inputs: Int, _ outputs: Int, _ configuration: UNet.Configuration) {
        upsample = Upsampling(inputs, outputs)
        residual = ResidualStack(outputs, configuration)
    }

    var children: [(name: String, value: Any)] { [("upsample", upsample)] + residual.children }

    func callAsFunction(_ x: Tensor, _ t: Tensor, _ y: Tensor, _ context: Context) -> Tensor {
        residual(upsample(x, context), t, y, context)
    }
}

/// Twice the resolution, then a 3x3 convolution.
private struct Upsampling: Module {
    private let convolution: Convolution2D

    init(_ inputs: Int, _ outputs: Int) {
        convolution = Convolution2D(inputs, outputs, kernel: 3, padding: 1)
    }

    var children: [(name: String, value: Any)] { [("1", convolution)] }

    func callAsFunction(_ x: Tensor, _ context: Context) -> Tensor {
        convolution(upsampledBilinear(x), context)
    }
}
