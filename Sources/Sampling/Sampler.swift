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
        try trajectory(request, weights: weights, steps: steps, stops: [steps], seed: seed, onBatch: onBatch)[0]
    }

    /// Images on their way from noise to data: one set for each stop, laid out as ``sample(_:weights:steps:seed:onBatch:)``
    /// does.
    ///
    /// - Parameter stops: ascending numbers of steps done, from 0 (the noise) to `steps` (the images)
    public func trajectory(
        _ request: SamplingRequest, weights: [DeviceArray], steps: Int, stops: [Int], seed: UInt64,
        onBatch: (Int) -> Void = { _ in }
    ) throws -> [[Float]] {
        try check(request)
        guard steps > 0 else { throw SamplingError.stepCount(steps) }
        precondition(
            stops == stops.sorted() && stops.allSatisfy((0...steps).contains), "ascending stops up to \(steps)")
        let count = request.labels.count
        let size = size(of: count)
        var images = [[Float]](repeating: [], count: stops.count)
        for first in stride(from: 0, to: count, by: size) {
            var batch = try begin(request, first..<min(first + size, count), size: size, seed: seed)
            for (index, stop) in stops.enumerated() {
                try advance(&batch, weights: weights, to: stop, of: steps)
                images[index] += try batch.images()
            }
            onBatch(first + batch.count)
        }
        return images
    }

    /// The noise from which all images of a request are drawn at once.
    ///
    /// - Throws: ``SamplingError`` for a label out of range, or what the device reports.
    public func begin(_ request: SamplingRequest, seed: UInt64) throws -> SamplingBatch {
        try check(request)
        let count = request.labels.count
        return try begin(request, 0..<count, size: divisible(count), seed: seed)
    }

    /// Takes a batch on its way, to the state after `stop` of `steps` steps of Euler's method.
    public func advance(
        _ batch: inout SamplingBatch, weights: [DeviceArray], to stop: Int, of steps: Int
    ) throws {
        guard stop > batch.stepsDone else { return }
        let numbers = try [batch.stepsDone, stop, steps].map {
            try DeviceArray([Int32($0)], TensorType([], .int32), on: engine.device)
        }
        let arguments = weights + [batch.state, batch.labels, batch.guidance] + numbers
        batch.state = try batch.flow(arguments)[0]
        batch.stepsDone = stop
    }

    private func check(_ request: SamplingRequest) throws(SamplingError) {
        for label in request.labels where !(0...network.nullLabel).contains(label) {
            throw .labelOutOfRange(label, nullLabel: network.nullLabel)
        }
    }

    /// Images `range` of a request, filled up to `size`.
    private func begin(
        _ request: SamplingRequest, _ range: Range<Int>, size: Int, seed: UInt64
    ) throws -> SamplingBatch {
        let padding = size - range.count
        let numbers = request.labels[range].map { Int32($0) } + Array(repeating: 0, count: padding)
        let scales = request.guidance[range].map { Float($0) } + Array(repeating: 1, count: padding)
        return SamplingBatch(
            count: range.count, state: try noise(size, first: range.lowerBound, seed: seed),
            labels: try DeviceArray(numbers, TensorType([size], .int32), on: engine.device),
            guidance: try DeviceArray(scales, TensorType([size]), on: engine.device), flow: try flowFunction(size))
    }

    /// Compiles what sampling that many images needs.
    public func prepare(count: Int) throws {
        let size = size(of: count)
        _ = (try noiseFunction(size), try flowFunction(size))
    }

    /// How many of that many images are computed at once.
    private func size(of count: Int) -> Int { divisible(min(batchSize, count)) }

    /// The next number of images that the devices can share equally.
    private func divisible(_ count: Int) -> Int {
        let devices = engine.device.count
        return (count + devices - 1) / devices * devices
    }

    private func noise(_ size: Int, first: Int, seed: UInt64) throws -> DeviceArray {
        let scalar = TensorType([], .uint64)
        return try noiseFunction(size)([
            DeviceArray([seed], scalar, on: engine.device), DeviceArray([UInt64(first)], scalar, on: engine.device),
        ])[0]
    }

    /// Arguments: seed, number of the first image.
    private func noiseFunction(_ size: Int) throws -> CompiledFunction {
        let scalar = TensorType([], .uint64)
        return try engine.function("noise", arguments: [scalar, scalar]) { arguments in
            [NoiseSource(seed: arguments[0]).images(size, from: arguments[1], shape: network.imageShape)]
        }
    }

    /// Arguments after the weights: state, labels, guidance scales, first step, last step, number of steps.
    private func flowFunction(_ size: Int) throws -> CompiledFunction {
        let scalar = TensorType([], .int32)
        let others = [
            TensorType([size] + network.imageShape), TensorType([size], .int32), TensorType([size]), scalar, scalar,
            scalar,
        ]
        let count = tree.entries.count
        return try engine.function("sample", arguments: tree.types + others) { arguments in
            let perImage = arguments[count..<count + 3].map { $0.splitAcrossDevices() }
            let scalars = Array(arguments[(count + 3)...])
            let context = Context(tree, values: Array(arguments[..<count]), mode: .evaluation)
            return [
                Euler().integrate(perImage[0], steps: scalars[2], first: scalars[0], last: scalars[1]) { x, time in
                    Guidance().velocity(network, x, at: time, labels: perImage[1], scale: perImage[2], context)
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
