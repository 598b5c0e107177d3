public import Compute
import NN
import StableHLO
import Tensors

/// A trained ``FeatureNetwork``, compiled: 8-bit images in, features and classes out.
public struct FeatureExtractor: Sendable {
    /// What reads the features.
    public let network: FeatureNetwork
    private let function: CompiledFunction
    private let weights: [DeviceArray]
    private let engine: Engine
    private let batchSize: Int

    /// What the network says of images.
    public struct Reading: Sendable {
        /// One row an image.
        public var features: FeatureSet
        /// What the classifier says of each image.
        public var scores: ClassScores
    }

    /// - Parameters:
    ///   - network: what reads the features
    ///   - weights: one array for each entry of the network's parameter tree
    ///   - engine: what it runs on
    ///   - batchSize: images computed at once
    public init(_ network: FeatureNetwork, weights: [DeviceArray], on engine: Engine, batchSize: Int = 250) throws {
        let tree = try ParameterTree(of: network)
        let images = TensorType([batchSize] + network.imageShape, .uint8)
        function = try engine.function("features", arguments: tree.types + [images]) { arguments in
            let context = Context(tree, values: Array(arguments.dropLast()), mode: .evaluation)
            let pixels = arguments[arguments.count - 1].converted(to: .float32) / 255 * 2 - 1
            let (features, logits) = network(pixels, context)
            return [features, softmax(logits)]
        }
        self.network = network
        self.weights = weights
        self.engine = engine
        self.batchSize = batchSize
    }

    /// - Parameters:
    ///   - pixels: count x channels x height x width
    ///   - onBatch: told how many images are done
    public func callAsFunction(_ pixels: [UInt8], onBatch: (Int) -> Void = { _ in }) throws -> Reading {
        let size = network.imageShape.reduce(1, *)
        precondition(pixels.count % size == 0, "the pixels must be whole images")
        let count = pixels.count / size
        var (features, probabilities): ([Double], [Double]) = ([], [])
        for first in stride(from: 0, to: count, by: batchSize) {
            let last = min(first + batchSize, count)
            let filling = [UInt8](repeating: 0, count: (batchSize - (last - first)) * size)
            let type = TensorType([batchSize] + network.imageShape, .uint8)
            let batch = try DeviceArray(pixels[first * size..<last * size] + filling, type, on: engine.device)
            let results = try function(weights + [batch])
            func rows(_ index: Int, _ columns: Int) throws -> [Double] {
                try results[index].values(as: Float.self).prefix((last - first) * columns).map(Double.init)
            }
            features += try rows(0, FeatureNetwork.dimensions)
            probabilities += try rows(1, network.classCount)
            onBatch(last)
        }
        return Reading(
            features: FeatureSet(features, dimensions: FeatureNetwork.dimensions),
            scores: ClassScores(probabilities, classCount: network.classCount))
    }
}
