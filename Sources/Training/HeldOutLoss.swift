public import Compute
public import Datasets
public import FlowMatching
import NN
import StableHLO
import Tracing

/// The loss on images that training never sees, with fixed noise and times, in evaluation mode.
///
/// The same numbers are drawn at every call, so two values differ by the weights alone.
public struct HeldOutLoss: Sendable {
    private let function: CompiledFunction
    private let batches: [(images: DeviceArray, labels: DeviceArray, first: DeviceArray)]
    private let count: Int

    private static let batchSize = 125
    /// Held-out noise is the same in every run, whatever its seed.
    private static let seed = 20_240_229

    /// - Parameter count: images from the start of `dataset`, rounded down to whole batches of at most 125
    public init(_ network: any VelocityField, _ dataset: ImageDataset, count: Int, on engine: Engine) throws {
        let devices = engine.device.count
        let most = min(HeldOutLoss.batchSize, count, dataset.count)
        let size = max(devices, most / devices * devices)
        guard size <= dataset.count else { throw TrainingError.batchLargerThanData(batch: size, data: dataset.count) }
        self.count = max(size, min(count, dataset.count) / size * size)
        let tree = try ParameterTree(of: network)
        let entries = tree.entries.count
        let types = [
            TensorType([size] + network.imageShape, .uint8), TensorType([size], .uint8), TensorType([], .int64),
        ]
        function = try engine.function("held_out_loss", arguments: tree.types + types) { arguments in
            let random = RandomStream(seed: Tensor(integer: HeldOutLoss.seed, elementType: .uint64))
                .stream(arguments[entries + 2])
            let context = Context(tree, values: Array(arguments[..<entries]), mode: .evaluation)
            let loss = FlowMatchingObjective(labelDropout: 0).loss(
                network, data: DatasetBatch.normalized(arguments[entries]),
                labels: arguments[entries + 1].converted(to: .int32), random, context)
            return [loss]
        }
        let pixels = network.imageShape.reduce(1, *)
        batches = try stride(from: 0, to: self.count, by: size).map { first in
            let images = Array(dataset.images[first * pixels..<(first + size) * pixels])
            return (
                try DeviceArray(images, types[0], on: engine.device),
                try DeviceArray(Array(dataset.labels[first..<first + size]), types[1], on: engine.device),
                try DeviceArray([Int64(first)], types[2], on: engine.device)
            )
        }
    }

    /// The mean loss an image of a set of weights.
    public func callAsFunction(_ weights: [DeviceArray]) throws -> Double {
        var total = 0.0
        for batch in batches {
            let results = try function(weights + [batch.images, batch.labels, batch.first])
            total += Double(try results[0].values(as: Float.self)[0])
        }
        return total / Double(batches.count)
    }
}
