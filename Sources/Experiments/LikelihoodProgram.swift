import Compute
import Flows
import Formats
import Foundation
import NN
import Sampling
import StableHLO
import Tensors
import Training

/// What a likelihood runs on the device: bytes to points, points to log-densities.
struct LikelihoodProgram: Sendable {
    struct Batch {
        /// The number of the first image.
        let first: Int
        let bytes: [UInt8]
        let labels: [Int32]
    }

    let dimensions: Int
    private let run: SamplingRun
    private let size: Int
    private let density: LogDensity
    /// Arguments: bytes, seed, number of the first image.
    private let points: CompiledFunction
    private let bytesType: TensorType
    private let pointType: TensorType

    init(_ run: SamplingRun, size: Int) throws {
        self.run = run
        self.size = size
        let (network, configuration) = (run.network, run.configuration)
        dimensions = network.imageShape.reduce(1, *)
        let shape = network.imageShape
        let scalar = TensorType([], .uint64)
        bytesType = TensorType([size] + shape, .uint8)
        pointType = TensorType([size] + shape)
        points = try run.engine.function("dequantize", arguments: [bytesType, scalar, scalar]) { arguments in
            let uniform = dequantizationNoise(size, seed: arguments[1], first: arguments[2], shape: shape)
            return [UniformDequantization.points(of: arguments[0], uniform: uniform)]
        }
        let tree = try ParameterTree(of: network)
        let field = configuration.velocityField(of: network)
        density = try LogDensity(
            configuration.divergence, configuration.solver, times: configuration.samplingTimes, points: pointType,
            constants: tree.types + [TensorType([size], .int32)], on: run.engine
        ) { constants in
            let context = Context(tree, values: Array(constants.dropLast()), mode: .evaluation)
            let labels = constants[constants.count - 1].splitAcrossDevices()
            return { x, time in field(x, at: time.broadcast(to: [size]), labels: labels, context) }
        }
    }

    private var settings: (seed: UInt64, isConditional: Bool) {
        (run.configuration.likelihood.seed, run.configuration.likelihood.conditional)
    }

    private func labels(_ batch: Batch) -> [Int32] {
        batch.labels.map { settings.isConditional ? $0 : Int32(run.network.nullLabel) }
    }

    private func pointArray(of batch: Batch) throws -> DeviceArray {
        let scalar = TensorType([], .uint64)
        return try points([
            DeviceArray(batch.bytes, bytesType, on: run.engine.device),
            DeviceArray([settings.seed], scalar, on: run.engine.device),
            DeviceArray([UInt64(batch.first)], scalar, on: run.engine.device),
        ])[0]
    }

    func logDensities(of batch: Batch, onTime: (Double) -> Void) throws -> LogDensity.Values {
        let labels = try DeviceArray(labels(batch), TensorType([size], .int32), on: run.engine.device)
        return try density(
            pointArray(of: batch), constants: run.weights + [labels], seed: settings.seed, first: batch.first,
            onTime: onTime)
    }

    /// Writes `points`, `labels`, `probes` (images, vectors, ...) where they are random, and `log_density` (images, vectors).
    func writeState(of batch: Batch, to url: URL) throws {
        let values = try logDensities(of: batch) { _ in }
        let shape = run.network.imageShape
        var tensors = [
            try TensorEntry(
                name: "points", shape: [size] + shape, values: pointArray(of: batch).values(as: Float.self)),
            try TensorEntry(name: "labels", shape: [size], values: labels(batch).map { Int64($0) }),
            try TensorEntry(
                name: "log_density", shape: [size, values.estimates[0].count], values: values.estimates.flatMap { $0 }),
        ]
        if run.configuration.divergence.isRandom {
            let vectors = try density.randomVectors(seed: settings.seed, first: batch.first, on: run.engine)
            tensors.append(
                try TensorEntry(name: "probes", shape: [vectors.count, size] + shape, values: vectors.flatMap { $0 }))
        }
        try SafetensorsFile.write(tensors, metadata: ["format": "flowmatch likelihood"], to: url)
    }
}
