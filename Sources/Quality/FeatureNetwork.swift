public import NN
import StableHLO
public import Tensors

/// A small convolutional classifier whose last layer but one is the space that sets of images are compared in.
///
/// Features of photographs, as Inception's, say little about gray digits; this network is trained on the very data.
public struct FeatureNetwork: Module {
    /// Channels, height and width of an image.
    public let imageShape: [Int]
    /// Classes that it tells apart.
    public let classCount: Int
    private let convolutions: [NormalizedConvolution]
    private let features: Linear
    private let classifier: Linear

    /// Features an image.
    public static let dimensions = 64

    /// - Parameters:
    ///   - imageShape: channels, height and width
    ///   - classCount: at least 2
    public init(imageShape: [Int], classCount: Int) {
        self.imageShape = imageShape
        self.classCount = classCount
        convolutions = [
            NormalizedConvolution(imageShape[0], 32, stride: 2), NormalizedConvolution(32, 64),
            NormalizedConvolution(64, 64, stride: 2), NormalizedConvolution(64, 96),
            NormalizedConvolution(96, 96, stride: 2),
        ]
        features = Linear(96, FeatureNetwork.dimensions)
        classifier = Linear(FeatureNetwork.dimensions, classCount)
    }

    public var children: [(name: String, value: Any)] {
        [("convolutions", convolutions), ("features", features), ("classifier", classifier)]
    }

    /// - Parameters:
    ///   - images: (batch, channels, height, width) in [-1, 1]
    ///   - context: parameters and mode
    /// - Returns: features (batch, ``dimensions``) and the classes' logits (batch, classes)
    public func callAsFunction(_ images: Tensor, _ context: Context) -> (features: Tensor, logits: Tensor) {
        let maps = convolutions.reduce(images.transposed([0, 2, 3, 1])) { $1($0, context) }
        let features = self.features(maps.mean(along: [1, 2]), context)
        return (features, classifier(silu(features), context))
    }

    /// The mean cross-entropy of labels, in nats.
    ///
    /// - Parameters:
    ///   - images: (batch, channels, height, width) in [-1, 1]
    ///   - labels: (batch) int32, below ``classCount``
    ///   - context: parameters and mode
    public func loss(_ images: Tensor, labels: Tensor, _ context: Context) -> Tensor {
        let logits = self(images, context).logits
        let shifted = logits - logits.max(along: [1], keepingDimensions: true)
        let normalizer = log(exp(shifted).sum(along: [1]))
        let classes = Tensor.iota([labels.shape[0], classCount], dimension: 1)
        let isLabel = classes.compared(
            .equal, to: labels.reshaped(to: [labels.shape[0], 1]).broadcast(to: classes.shape))
        let own = (shifted * isLabel.converted(to: .float32)).sum(along: [1])
        return (normalizer - own).mean()
    }
}

/// Convolution, batch normalisation, SiLU.
private struct NormalizedConvolution: Module {
    private let convolution: Convolution2D
    private let norm: BatchNorm

    init(_ inputs: Int, _ outputs: Int, stride: Int = 1) {
        convolution = Convolution2D(inputs, outputs, kernel: 3, stride: stride, padding: 1)
        norm = BatchNorm(outputs)
    }

    func callAsFunction(_ x: Tensor, _ context: Context) -> Tensor {
        norm(convolution(x, context), context, order: .normalizationFirst)
    }
}
