public import Compute
public import FlowMatching
import StableHLO
import Tracing

/// The executable that runs several whole training steps: draw a batch, normalise, noise, forward, backward, Adam,
/// moving average.
///
/// The state is donated; data set, seed and step count are arguments, so one executable serves every dispatch.
public struct TrainingProgram: Sendable {
    public let layout: StateLayout
    /// The most steps one dispatch can run.
    public let stepsPerDispatch: Int
    private let function: CompiledFunction

    /// Traces and compiles the program.
    ///
    /// - Parameters:
    ///   - imageCount: images of the data set
    ///   - batchSize: at most `imageCount`
    public init(
        _ network: any VelocityField, _ step: TrainingStep, objective: FlowMatchingObjective, imageCount: Int,
        batchSize: Int, stepsPerDispatch: Int, on engine: Engine
    ) throws {
        layout = step.layout
        self.stepsPerDispatch = stepsPerDispatch
        let imageType = TensorType([imageCount] + network.imageShape, .uint8)
        let stateCount = layout.count
        let others = [
            imageType, TensorType([imageCount], .uint8), TensorType([], .uint64), TensorType([], .int32),
        ]
        let donations = Dictionary(uniqueKeysWithValues: (0..<stateCount).map { ($0, $0) })
        function = try engine.function("train", arguments: step.layout.types + others, donations: donations) {
            arguments in
            let (images, labels) = (arguments[stateCount], arguments[stateCount + 1])
            let random = RandomStream(seed: arguments[stateCount + 2]).stream("training")
            let carried = Array(arguments[..<stateCount]) + [Tensor(0, shape: [stepsPerDispatch, 3])]
            return Tensor.repeated(arguments[stateCount + 3], carried) { counter, values in
                let state = StateArrays(Array(values[..<stateCount]), step.layout)
                let stream = random.stream(state.step)
                let batch = DatasetBatch(images, labels, size: batchSize, stream.stream("batch"))
                let outcome = step(state) { context in
                    objective.loss(network, data: batch.data, labels: batch.labels, stream, context)
                }
                let metrics = [outcome.loss, outcome.gradientNorm, outcome.learningRate]
                let row = Tensor.concatenated(metrics.map { $0.reshaped(to: [1, 1]) }, along: 1)
                return outcome.state.flattened
                    + [values[stateCount].updated(with: row, at: [counter, Tensor(integer: 0)])]
            }
        }
    }

    /// Runs `count` steps.
    ///
    /// - Throws: ``TrainingError/stateLost`` where an earlier call failed, or what the device reports.
    public func callAsFunction(
        _ state: inout TrainingState, _ data: DeviceDataset, seed: DeviceArray, count: Int
    ) throws -> [StepMetrics] {
        precondition((1...stepsPerDispatch).contains(count), "at most \(stepsPerDispatch) steps a dispatch")
        let arrays = try state.take()
        let number = try DeviceArray([Int32(count)], TensorType([], .int32), on: data.device)
        let results = try function(arrays.flattened + [data.images, data.labels, seed, number])
        let rows = try results[layout.count].values(as: Float.self)
        state.put(StateArrays(Array(results[..<layout.count]), layout))
        return (0..<count).map {
            StepMetrics(loss: rows[3 * $0], gradientNorm: rows[3 * $0 + 1], learningRate: rows[3 * $0 + 2])
        }
    }
}

/// What is known of one step.
public struct StepMetrics: Sendable {
    public let loss: Float
    public let gradientNorm: Float
    public let learningRate: Float
}

/// A batch drawn without repeats, on the device.
struct DatasetBatch {
    /// (batch, channels, height, width) in [-1, 1]
    let data: Tensor
    /// (batch) int32
    let labels: Tensor

    init(_ images: Tensor, _ labels: Tensor, size: Int, _ random: RandomStream) {
        let indices = random.distinctIndices(size, below: images.shape[0])
        data = DatasetBatch.normalized(images.rows(at: indices))
        self.labels = labels.rows(at: indices).converted(to: .int32)
    }

    /// 8-bit pixels to [-1, 1]: pixel / 255 * 2 - 1.
    static func normalized(_ pixels: Tensor) -> Tensor { pixels.converted(to: .float32) / 255 * 2 - 1 }
}
