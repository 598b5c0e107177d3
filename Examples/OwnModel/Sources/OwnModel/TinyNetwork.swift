import FlowMatching

/// Four convolutions at full resolution, told time and label by adding them to the features.
struct TinyNetwork: ConditionalNetwork {
    /// Its sizes, which `train --set model.width=...` and `config.json` know by these names.
    struct Configuration: ModelConfiguration {
        static let name = "tiny"
        static let title = "Tiny"
        static let summary = "Four convolutions at full resolution."

        @Setting("Channels of the features.", unit: "channels", .from(1, through: 1024)) var width = 24
        @Setting("Height and width of an image.", unit: "pixels", .from(1, through: 1024)) var imageSize = 32
        @Setting("Channels of an image.", .from(1, through: 3)) var imageChannels = 1
        @Setting("Labels, without the null label.", .from(0, through: 1000)) var numClasses = 10

        init() {}

        func makeNetwork() throws(SettingsError) -> any ConditionalNetwork { TinyNetwork(self) }
    }

    let classCount: Int
    let imageShape: [Int]
    private let first: Convolution2D
    private let middle: [Convolution2D]
    private let last: Convolution2D
    private let time: FourierFeatures
    private let timeToFeatures: Linear
    private let label: Embedding

    init(_ sizes: Configuration) {
        classCount = sizes.numClasses
        imageShape = [sizes.imageChannels, sizes.imageSize, sizes.imageSize]
        first = Convolution2D(sizes.imageChannels, sizes.width, kernel: 5, padding: 2)
        middle = (0..<2).map { _ in Convolution2D(sizes.width, sizes.width, kernel: 5, padding: 2) }
        last = Convolution2D(sizes.width, sizes.imageChannels, kernel: 5, padding: 2)
        time = FourierFeatures(32)
        timeToFeatures = Linear(32, sizes.width)
        label = Embedding(sizes.numClasses + 1, sizes.width)
    }

    func callAsFunction(_ x: Tensor, at time: Tensor, labels: Tensor, _ context: Context) -> Tensor {
        let condition = timeToFeatures(self.time(time, context), context) + label(labels, context)
        let perImage = condition.reshaped(to: [x.shape[0], 1, 1, condition.shape[1]])
        var features = first(x.transposed([0, 2, 3, 1]), context)
        for convolution in middle { features = features + convolution(silu(features + perImage), context) }
        return last(silu(features), context).transposed([0, 3, 1, 2])
    }
}
