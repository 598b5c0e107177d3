public import Compute
public import Datasets
public import Flows
import NN
import StableHLO
import Synchronization
package import Tensors

/// The squared error of the velocity on images that training never sees, with fixed noise and uniform times, in evaluation
/// mode: the same measure whatever a network predicts and however it was trained.
///
/// The same numbers are drawn at every call and on any number of devices, so two values differ by the weights alone.
public struct HeldOutLoss: Sendable {
    private let engine: Engine
    /// What it needs to be compiled.
    let computation: Computation
    private let compiled = Compiled()
    private let batches: [(images: DeviceArray, labels: DeviceArray, first: DeviceArray)]
    private let count: Int

    /// The most images of a batch.
    package static let batchSize = 125
    /// Held-out noise is the same in every run, whatever its seed.
    private static let seed = 20_240_229

    /// - Parameters:
    ///   - field: velocities of a network
    ///   - dataset: images that training never sees
    ///   - count: images from the start of `dataset`, rounded down to whole batches of at most 125
    ///   - engine: what it runs on
    public init(_ field: VelocityField, _ dataset: ImageDataset, count: Int, on engine: Engine) throws {
        let size = min(HeldOutLoss.batchSize, count, dataset.count)
        self.count = min(count, dataset.count) / size * size
        let computation = try Self.computation(field, size: size, devices: engine.device.count)
        self.engine = engine
        self.computation = computation
        let types = Array(computation.arguments.suffix(3))
        let filled = types[0].shape[0]
        let imageShape = field.network.imageShape
        let pixels = imageShape.reduce(1, *)
        batches = try stride(from: 0, to: self.count, by: size).map { first in
            let images = Array(dataset.images[first * pixels..<(first + size) * pixels])
            let labels = Array(dataset.labels[first..<first + size])
            let filling = filled - size
            return (
                try DeviceArray(
                    images + [UInt8](repeating: 0, count: filling * pixels), types[0], on: engine.device),
                try DeviceArray(labels + [Int32](repeating: 0, count: filling), types[1], on: engine.device),
                try DeviceArray([Int64(first)], types[2], on: engine.device)
            )
        }
    }

    /// The program, once it has been needed.
    private final class Compiled: Sendable {
        let function = Mutex<CompiledFunction?>(nil)
    }

    /// The program; nil where it was stopped before that was compiled.
    private func function(until shouldStop: () -> Bool) throws -> CompiledFunction? {
        try compiled.function.withLock { known in
            if known == nil { known = try engine.function(computation, until: shouldStop) }
            return known
        }
    }

    /// What the loss of a batch computes: its arguments are the weights, images, labels and the number of the first.
    ///
    /// - Parameters:
    ///   - field: velocities of a network
    ///   - size: images of a batch that count
    ///   - devices: those that share a batch
    package static func computation(
        _ field: VelocityField, size: Int = batchSize, devices: Int = 1
    ) throws -> Computation {
        // Devices share a batch equally; what is filled up counts nothing.
        let filled = (size + devices - 1) / devices * devices
        let tree = try ParameterTree(of: field.network)
        let entries = tree.entries.count
        let imageShape = field.network.imageShape
        let types = [
            TensorType([filled] + imageShape, .uint8), TensorType([filled], .int32), TensorType([], .int64),
        ]
        return Computation("held_out_loss", arguments: tree.types + types) { arguments in
            let random = RandomStream(seed: Tensor(integer: HeldOutLoss.seed, elementType: .uint64))
                .stream(arguments[entries + 2])
            let context = Context(tree, values: Array(arguments[..<entries]), mode: .evaluation)
            let error = HeldOutLoss.squaredErrors(
                field, data: DatasetBatch.normalized(arguments[entries]),
                labels: arguments[entries + 1],
                noise: random.stream("noise").normal([size] + imageShape),
                time: random.stream("time").uniform([size]), context)
            return [error.sliced(0..<size, along: 0).sum() / Double(size)]
        }
    }

    /// The error of each image, (filled); noise and time are of the images that count.
    private static func squaredErrors(
        _ field: VelocityField, data: Tensor, labels: Tensor, noise: Tensor, time: Tensor, _ context: Context
    ) -> Tensor {
        func filledUp(_ tensor: Tensor) -> Tensor {
            let missing = data.shape[0] - tensor.shape[0]
            guard missing > 0 else { return tensor }
            let zeros = [Int](repeating: 0, count: tensor.rank)
            return tensor.padded(low: zeros, high: [missing] + zeros.dropFirst())
        }
        let point = field.path.point(
            data: data.splitAcrossDevices(), noise: filledUp(noise).splitAcrossDevices(),
            time: field.regular(filledUp(time)).splitAcrossDevices())
        let velocity = field(point.x, at: point.time, labels: labels.splitAcrossDevices(), context)
        return (velocity - point.velocity).squared().sum(along: Array(1..<data.rank))
    }

    /// The mean loss an image of a set of weights.
    ///
    /// - Parameters:
    ///   - weights: one array for each entry of the network's parameter tree
    ///   - shouldStop: asked before each batch, and while the program is compiled
    /// - Returns: nil where it was stopped
    public func callAsFunction(
        _ weights: [DeviceArray], until shouldStop: () -> Bool = { false }
    ) throws -> Double? {
        guard let function = try function(until: shouldStop) else { return nil }
        var total = 0.0
        for batch in batches {
            if shouldStop() { return nil }
            let results = try function(weights + [batch.images, batch.labels, batch.first])
            total += Double(try results[0].values(as: Float.self)[0])
        }
        return total / Double(batches.count)
    }
}
