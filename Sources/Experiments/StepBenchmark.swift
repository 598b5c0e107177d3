package import Compute
import Datasets
import Flows
import Foundation
import Models
import NN
import PJRT
import Sampling
import Settings
import StableHLO
import Tensors
package import Training

/// One network on one device, ready to be timed: whole training steps, and steps of guided sampling.
package final class StepBenchmark {
    package struct Timed: Sendable {
        package let seconds: Double
        /// Of the last step.
        package let loss: Double
    }

    package let configuration: RunConfiguration
    /// Tracing and compiling the training step, or loading it from the cache.
    package let compileSeconds: Double
    private let engine: Engine
    private let network: any ConditionalNetwork
    private let program: TrainingProgram
    private let data: DeviceDataset
    private let seed: DeviceArray
    private var state: TrainingState
    private var sampler: (sampler: Sampler, batch: SamplingBatch)?

    private static let imageCount = 60_000
    /// Of large images there are fewer.
    private static let imageBytes = 1 << 30
    /// Of the sampled grid, as in the reference.
    private static let imagesPerLabel = 10

    /// Compiles the training step of a configuration, whose data is replaced by random images.
    package init(_ configuration: RunConfiguration, on engine: Engine) throws {
        let batchSize = configuration.training.batchSize
        let network = try configuration.model.makeNetwork()
        try MemoryNeed(configuration, network).check(images: batchSize)
        let images = try StepBenchmark.randomImages(network, atLeast: batchSize)
        try Trainer.check(network, batchSize: batchSize, against: images)
        try Trainer.check(batchSize: batchSize, against: engine.device)
        let step = TrainingStep(try ParameterTree(of: network), configuration.weightUpdate)
        let start = ContinuousClock.now
        program = try TrainingProgram(
            network, step, objective: configuration.objective, augmentation: configuration.augmentation,
            imageCount: images.count, batchSize: batchSize, on: engine)
        compileSeconds = start.secondsUntilNow
        data = try DeviceDataset(images, on: engine.device)
        let number = configuration.training.seed
        seed = try DeviceArray([number], TensorType([], .uint64), on: engine.device)
        state = try TrainingState(step.layout, seed: number, on: engine)
        self.configuration = configuration
        self.engine = engine
        self.network = network
    }

    private var deviceDescription: String {
        engine.device.client.platformName == "cpu" ? CPU.summary : engine.device.kind
    }

    /// Whole training steps in one dispatch, finished.
    package func steps(_ count: Int) throws -> Timed {
        let start = ContinuousClock.now
        let metrics = try program(&state, data.arrays, seed: seed, count: count)
        return Timed(seconds: start.secondsUntilNow, loss: Double(metrics[count - 1].loss))
    }

    /// Times steps one by one, after three to warm up.
    ///
    /// - Parameter onStep: told of each timed step and its seconds
    package func report(steps count: Int, onStep: (Int, Double) -> Void = { _, _ in }) throws -> BenchmarkReport {
        for _ in 0..<3 { _ = try steps(1) }
        var (seconds, moments) = ([Double](), [StepProfile.Snapshot()])
        for step in 1...count {
            seconds.append(try steps(1).seconds)
            moments.append(StepProfile.Snapshot())
            onStep(step, seconds[step - 1])
        }
        let fastest = seconds.indices.min { seconds[$0] < seconds[$1] } ?? 0
        return BenchmarkReport(
            model: configuration.model.kindName, batchSize: configuration.training.batchSize, device: deviceDescription,
            stepSeconds: BenchmarkReport.Seconds(seconds), compileSeconds: compileSeconds,
            peakMemoryBytes: ProcessUsage.current.peakMemoryInBytes,
            profile: StepProfile(moments[fastest], moments[fastest + 1], wall: seconds[fastest]))
    }

    /// Where the fastest step of a report went, how far it is from the machine's floor, and what it occupies.
    package func profileText(_ report: BenchmarkReport) throws -> String {
        let dispatch = try dispatchSeconds()
        var lines = [
            report.profile.text(floor: try floor()),
            String(
                format: "  dispatch: %.5f s without any work, %.2f %% of the step", dispatch,
                100 * dispatch / report.stepSeconds.min),
        ]
        if let memory = try memory() {
            lines.append(
                String(
                    format: "  memory: %.2f GiB for state and images, %.2f GiB for temporaries",
                    Double(memory.arguments) / 0x1p30, Double(memory.temporaries) / 0x1p30))
        }
        return lines.joined(separator: "\n")
    }

    /// Seconds of one step of sampling, finished.
    package func sample() throws -> Double {
        var (sampler, batch) = try self.sampler ?? prepareSampler()
        let weights = try state.weights(averaged: false)
        let times = configuration.samplingTimes
        if batch.stepsDone == times.count - 1 { batch = try begin(sampler) }
        let start = ContinuousClock.now
        try sampler.advance(&batch, weights: weights, to: batch.stepsDone + 1, along: times)
        let seconds = start.secondsUntilNow
        self.sampler = (sampler, batch)
        return seconds
    }

    /// A sampler after its first steps, which compile.
    private func prepareSampler() throws -> (Sampler, SamplingBatch) {
        let sampler = try Sampler(
            configuration.velocityField(of: network), guidance: configuration.guidance, solver: configuration.solver,
            on: engine)
        var batch = try begin(sampler)
        let times = configuration.samplingTimes
        try sampler.advance(
            &batch, weights: state.weights(averaged: false), to: min(3, times.count - 1), along: times)
        return (sampler, batch)
    }

    private func begin(_ sampler: Sampler) throws -> SamplingBatch {
        let grid = LabelGrid(classCount: network.classCount, perClass: StepBenchmark.imagesPerLabel)
        let request = SamplingRequest(labels: grid.labels, guidance: configuration.guidance.scale)
        return try sampler.begin(request, seed: configuration.sampling.seed)
    }

    /// Seconds that handing a step's arrays to the device and taking them back costs, with nothing to compute.
    private func dispatchSeconds() throws -> Double {
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
    private func memory() throws -> ExecutableMemoryStatistics? {
        try program.function.executable.program.memoryStatistics()
    }

    /// What the step's products alone would take at the rate of a large one, measured now.
    private func floor() throws -> StepFloor {
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
    private static func randomImages(
        _ network: any ConditionalNetwork, atLeast batchSize: Int
    ) throws -> ImageDataset {
        let (shape, classes) = (network.imageShape, network.classCount)
        let size = shape.reduce(1, *)
        let count = min(imageCount, max(batchSize, imageBytes / size))
        var state: UInt32 = 1
        let pixels = (0..<count * size).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        return try ImageDataset(
            name: "random", split: .train, channels: shape[0], width: shape[2], height: shape[1], images: pixels,
            labels: (0..<count).map { Int32($0 % max(1, classes)) }, classNames: (0..<classes).map { "\($0)" })
    }
}
