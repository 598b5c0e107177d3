public import Compute
public import FlowMatching
import NN
import StableHLO
import Tracing

/// Images to draw: one label and guidance scale each.
public struct SamplingRequest: Sendable {
    public let labels: [Int]
    public let guidance: [Double]

    /// - Parameter guidance: one scale for each label
    public init(labels: [Int], guidance: [Double]) {
        precondition(labels.count == guidance.count, "one guidance scale for each label")
        self.labels = labels
        self.guidance = guidance
    }

    public init(labels: [Int], guidance: Double) {
        self.init(labels: labels, guidance: labels.map { _ in guidance })
    }
}

/// Draws images from a network: noise, then the guided flow from time 0 to 1, the whole loop in one executable.
///
/// Image `i` of a request depends on the seed and `i` alone, whatever the batch it is computed in.
public struct Sampler: Sendable {
    private let network: any VelocityField
    private let tree: ParameterTree
    private let engine: Engine
    /// The most images computed at once.
    private let batchSize: Int

    public init(_ network: any VelocityField, on engine: Engine, batchSize: Int = 128) throws {
        self.network = network
        self.engine = engine
        self.batchSize = batchSize
        tree = try ParameterTree(of: network)
    }

    /// Images in [-1, 1] and beyond, row-major (count, channels, height, width).
    ///
    /// - Parameters:
    ///   - weights: one array for each entry of the network's parameter tree
    ///   - steps: of Euler's method
    ///   - onBatch: told how many images are done
    /// - Throws: ``SamplingError`` for a label out of range, or what the device reports.
    public func sample(
        _ request: SamplingRequest, weights: [DeviceArray], steps: Int, seed: UInt64,
        onBatch: (Int) -> Void = { _ in }
    ) throws -> [Float] {
        for label in request.labels where !(0...network.nullLabel).contains(label) {
            throw SamplingError.labelOutOfRange(label, nullLabel: network.nullLabel)
        }
        guard steps > 0 else { throw SamplingError.stepCount(steps) }
        let count = request.labels.count
        let size = min(batchSize, count)
        let function = try compiled(size)
        let device = engine.device
        let seedArray = try DeviceArray([seed], TensorType([], .uint64), on: device)
        let stepsArray = try DeviceArray([Int32(steps)], TensorType([], .int32), on: device)
        var images: [Float] = []
        for first in stride(from: 0, to: count, by: size) {
            let present = first..<min(first + size, count)
            let padding = size - present.count
            let labels = request.labels[present].map(Int32.init) + Array(repeating: 0, count: padding)
            let guidance = request.guidance[present].map { Float($0) } + Array(repeating: 1, count: padding)
            let results = try function(
                weights + [
                    seedArray, DeviceArray([UInt64(first)], TensorType([], .uint64), on: device),
                    DeviceArray(labels, TensorType([size], .int32), on: device),
                    DeviceArray(guidance, TensorType([size]), on: device), stepsArray,
                ])
            let values = try results[0].values(as: Float.self)
            images += values.prefix(present.count * network.imageShape.reduce(1, *))
            onBatch(present.upperBound)
        }
        return images
    }

    /// Arguments after the weights: seed, index of the first image, labels, guidance scales, steps.
    private func compiled(_ size: Int) throws -> CompiledFunction {
        let others = [
            TensorType([], .uint64), TensorType([], .uint64), TensorType([size], .int32), TensorType([size]),
            TensorType([], .int32),
        ]
        let count = tree.entries.count
        return try engine.function("sample", arguments: tree.types + others) { arguments in
            let rest = Array(arguments[count...])
            let noise = NoiseSource(seed: rest[0]).images(size, from: rest[1], shape: network.imageShape)
            let context = Context(tree, values: Array(arguments[..<count]), mode: .evaluation)
            return [
                Euler().integrate(noise, steps: rest[4]) { x, time in
                    Guidance().velocity(network, x, at: time, labels: rest[2], scale: rest[3], context)
                }
            ]
        }
    }
}

/// Noise of numbered images: image `i` gets the same noise in every batch.
struct NoiseSource {
    private let random: RandomStream

    init(seed: Tensor) { random = RandomStream(seed: seed).stream("sampling") }

    /// Standard normal (count, shape...) of images `first ..< first + count`; `first` is a scalar uint64.
    func images(_ count: Int, from first: Tensor, shape: [Int]) -> Tensor {
        // A stream is read in blocks of four numbers; each image begins a block.
        let blocks = (shape.reduce(1, *) + 3) / 4
        let perImage = Tensor(integer: blocks, elementType: .uint64)
        let numbers = random.skipping(blocks: first * perImage).normal([count, blocks * 4])
        return numbers.sliced(0..<shape.reduce(1, *), along: 1).reshaped(to: [count] + shape)
    }
}

/// A request that no sampler can serve.
public enum SamplingError: Error, Equatable, CustomStringConvertible {
    case labelOutOfRange(Int, nullLabel: Int)
    case stepCount(Int)

    public var description: String {
        switch self {
        case .labelOutOfRange(let label, let null):
            "label \(label) is out of range; use 0 to \(null - 1), or \(null) for no label"
        case .stepCount(let count): "\(count) sampling steps are too few; use 1 or more"
        }
    }
}
