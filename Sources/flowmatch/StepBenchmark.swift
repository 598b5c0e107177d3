import Compute
import Datasets
import FlowMatching
import Foundation
import Models
import NN
import PJRT
import Sampling
import StableHLO
import Tracing
import Training

/// One network on one device, ready to be timed: whole training steps, and steps of guided sampling.
final class StepBenchmark {
    struct Timed {
        let seconds: Double
        /// Of the last step.
        let loss: Double
    }

    let batchSize: Int
    /// Tracing and compiling the training step, or loading it from the cache.
    let compileSeconds: Double
    private let engine: Engine
    private let network: any VelocityField
    private let program: TrainingProgram
    private let data: DeviceDataset
    private let seed: DeviceArray
    private var state: TrainingState
    private var sampler: (sampler: Sampler, batch: SamplingBatch)?

    private static let imageCount = 60_000
    /// The reference's sampling: 99 steps, guidance 3, ten images for every label and for none.
    private static let samplingSteps = 99
    private static let guidance = 3.0
    private static let imagesPerLabel = 10

    init(
        _ specification: ModelSpecification, batchSize: Int, keepsAverages: Bool, on engine: Engine
    ) throws {
        var configuration = RunConfiguration(model: specification)
        configuration.batchSize = batchSize
        configuration.averageDecay = keepsAverages ? configuration.averageDecay : 0
        let network = try specification.makeModel()
        let images = try StepBenchmark.randomImages(network)
        try Trainer.check(network, batchSize: batchSize, against: images)
        try Trainer.check(batchSize: batchSize, against: engine.device)
        let layout = StateLayout(try ParameterTree(of: network), keepsAverages: keepsAverages)
        let start = ContinuousClock.now
        program = try TrainingProgram(
            network,
            TrainingStep(layout, optimizer: configuration.optimizer, averageDecay: configuration.averageDecay),
            objective: FlowMatchingObjective(labelDropout: configuration.labelDropout),
            imageCount: images.count, batchSize: batchSize, on: engine)
        compileSeconds = start.secondsUntilNow
        data = try DeviceDataset(images, on: engine.device)
        seed = try DeviceArray([configuration.seed], TensorType([], .uint64), on: engine.device)
        state = try TrainingState(layout, seed: configuration.seed, on: engine)
        self.batchSize = batchSize
        self.engine = engine
        self.network = network
    }

    var deviceDescription: String {
        engine.device.client.platformName == "cpu" ? CPU.summary : engine.device.kind
    }

    /// Whole training steps in one dispatch, finished.
    func steps(_ count: Int) throws -> Timed {
        let start = ContinuousClock.now
        let metrics = try program(&state, data, seed: seed, count: count)
        return Timed(seconds: start.secondsUntilNow, loss: Double(metrics[count - 1].loss))
    }

    /// Seconds of one step of guided sampling, finished.
    func sample() throws -> Double {
        var (sampler, batch) = try self.sampler ?? prepareSampler()
        let weights = try state.weights(averaged: false)
        if batch.stepsDone == StepBenchmark.samplingSteps { batch = try begin(sampler) }
        let start = ContinuousClock.now
        try sampler.advance(&batch, weights: weights, to: batch.stepsDone + 1, of: StepBenchmark.samplingSteps)
        let seconds = start.secondsUntilNow
        self.sampler = (sampler, batch)
        return seconds
    }

    private func prepareSampler() throws -> (Sampler, SamplingBatch) {
        let sampler = try Sampler(network, on: engine)
        var batch = try begin(sampler)
        try sampler.advance(
            &batch, weights: state.weights(averaged: false), to: 3, of: StepBenchmark.samplingSteps)
        return (sampler, batch)
    }

    private func begin(_ sampler: Sampler) throws -> SamplingBatch {
        let grid = LabelGrid(classCount: network.classCount, perClass: StepBenchmark.imagesPerLabel)
        return try sampler.begin(SamplingRequest(labels: grid.labels, guidance: StepBenchmark.guidance), seed: 0)
    }

    /// Seconds that handing a step's arrays to the device and taking them back costs, with nothing to compute.
    func dispatchSeconds() throws -> Double {
        let types = program.layout.types
        let function = try engine.function(
            "dispatch", arguments: types, donations: Dictionary(uniqueKeysWithValues: types.indices.map { ($0, $0) })
        ) { $0 }
        var arrays = try TrainingState(program.layout, seed: 0, on: engine).current().flattened
        var fastest = Double.infinity
        for _ in 0..<20 {
            let start = ContinuousClock.now
            arrays = try function(arrays)
            fastest = min(fastest, start.secondsUntilNow)
        }
        return fastest
    }

    /// What the compiled step occupies, or nil where the plugin does not tell.
    func memory() throws -> ExecutableMemoryStatistics? { try program.function.executable.memoryStatistics() }

    /// What the step's products alone would take at the rate of a large one, measured now.
    func floor() throws -> StepFloor {
        let side = 2048
        let type = TensorType([side, side])
        let product = try engine.function("product", arguments: [type, type]) { [linear($0[0], $0[1], bias: nil)] }
        let operand = try DeviceArray([Float](repeating: 0.5, count: side * side), type, on: engine.device)
        var fastest = Double.infinity
        for _ in 0..<8 {
            let start = ContinuousClock.now
            _ = try product([operand, operand])
            fastest = min(fastest, start.secondsUntilNow)
        }
        let operations = 2 * Double(side) * Double(side) * Double(side)
        return StepFloor(operations: program.matrixOperations(), rate: operations / fastest)
    }

    /// Random pixels train as fast as real ones.
    private static func randomImages(_ network: any VelocityField) throws -> ImageDataset {
        let (height, width) = (network.imageShape[1], network.imageShape[2])
        var state: UInt32 = 1
        let pixels = (0..<imageCount * height * width).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        return try ImageDataset(
            name: "random", split: .train, width: width, height: height, images: pixels,
            labels: (0..<imageCount).map { UInt8($0 % network.classCount) }, classCount: network.classCount)
    }
}
