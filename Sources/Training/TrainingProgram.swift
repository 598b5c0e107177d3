public import Compute
public import Flows
public import NN
public import StableHLO
public import Tensors

/// The executable that runs one whole training step: draw a batch, normalise, noise, forward, backward, optimizer,
/// moving average.
///
/// The state is donated; data and seed are arguments. Several steps are dispatched together: each takes the arrays
/// of the one before while that is still running, and the host reads nothing until the last. (A loop inside the
/// executable would do the same on paper, but XLA's CPU backend runs a convolution inside a loop on one thread and
/// many times slower.)
public struct TrainingProgram: Sendable {
    /// What the state is made of.
    public let layout: StateLayout
    /// The executable, with its state, data and seed as arguments.
    package let function: CompiledFunction
    private let computation: Computation

    /// Traces and compiles the program that trains a network to the velocities of a flow.
    ///
    /// - Parameters:
    ///   - network: what is trained
    ///   - step: how weights move
    ///   - objective: what it is trained to
    ///   - augmentation: of each batch's images
    ///   - imageCount: images of the data set
    ///   - batchSize: at most `imageCount`
    ///   - others: what else is going to be needed
    ///   - engine: what it runs on
    public init(
        _ network: any ConditionalNetwork, _ step: TrainingStep, objective: FlowMatchingObjective,
        augmentation: Augmentation = Augmentation(), imageCount: Int, batchSize: Int,
        preparing others: [Computation] = [], on engine: Engine
    ) throws {
        try self.init(
            step.layout,
            Self.computation(
                network, step, objective: objective, augmentation: augmentation, imageCount: imageCount,
                batchSize: batchSize),
            preparing: others, on: engine)
    }

    /// Traces and compiles a program of any loss of batches of images.
    ///
    /// - Parameters:
    ///   - step: how weights move
    ///   - imageShape: channels, height and width
    ///   - augmentation: of each batch's images
    ///   - imageCount: images of the data set
    ///   - batchSize: at most `imageCount`
    ///   - engine: what it runs on
    ///   - loss: of a batch, a scalar; its random numbers are those of the step
    public init(
        _ step: TrainingStep, imageShape: [Int], augmentation: Augmentation = Augmentation(), imageCount: Int,
        batchSize: Int, on engine: Engine, loss: @escaping @Sendable (DatasetBatch, RandomStream, Context) -> Tensor
    ) throws {
        try self.init(
            step.layout,
            Self.computation(
                step, imageShape: imageShape, augmentation: augmentation, imageCount: imageCount, batchSize: batchSize,
                loss: loss),
            on: engine)
    }

    /// Traces and compiles a program of any loss.
    ///
    /// - Parameters:
    ///   - step: how weights move
    ///   - data: types of the arrays that each step is given; none where the loss draws its data itself
    ///   - engine: what it runs on
    ///   - loss: of the data, a scalar; its random numbers are those of the step
    public init(
        _ step: TrainingStep, data: [TensorType] = [], on engine: Engine,
        loss: @escaping @Sendable ([Tensor], RandomStream, Context) -> Tensor
    ) throws {
        try self.init(step.layout, Self.computation(step, data: data, loss: loss), on: engine)
    }

    private init(
        _ layout: StateLayout, _ computation: Computation, preparing others: [Computation] = [], on engine: Engine
    ) throws {
        self.layout = layout
        self.computation = computation
        function = try engine.function(computation, preparing: others)
    }

    /// What the program of a network computes: its arguments are the state, the data set's images and labels, and the
    /// seed, its results the state after the step, and its loss, gradient norm and learning rate.
    ///
    /// - Parameters:
    ///   - network: what is trained
    ///   - step: a step of its optimizer
    ///   - objective: what it is trained to
    ///   - augmentation: of each batch's images
    ///   - imageCount: images of the data set
    ///   - batchSize: at most `imageCount`
    package static func computation(
        _ network: any ConditionalNetwork, _ step: TrainingStep, objective: FlowMatchingObjective,
        augmentation: Augmentation = Augmentation(), imageCount: Int, batchSize: Int
    ) -> Computation {
        computation(
            step, imageShape: network.imageShape, augmentation: augmentation, imageCount: imageCount,
            batchSize: batchSize
        ) { batch, random, context in
            objective.loss(network, data: batch.data, labels: batch.labels, random, context)
        }
    }

    private static func computation(
        _ step: TrainingStep, imageShape: [Int], augmentation: Augmentation, imageCount: Int, batchSize: Int,
        loss: @escaping @Sendable (DatasetBatch, RandomStream, Context) -> Tensor
    ) -> Computation {
        let data = [TensorType([imageCount] + imageShape, .uint8), TensorType([imageCount], .int32)]
        return computation(step, data: data) { data, random, context in
            loss(DatasetBatch(data[0], data[1], size: batchSize, augmentation, random), random, context)
        }
    }

    private static func computation(
        _ step: TrainingStep, data: [TensorType], loss: @escaping @Sendable ([Tensor], RandomStream, Context) -> Tensor
    ) -> Computation {
        let stateCount = step.layout.count
        let donations = Dictionary(uniqueKeysWithValues: (0..<stateCount).map { ($0, $0) })
        return Computation(
            "train", arguments: step.layout.types + data + [TensorType([], .uint64)], donations: donations
        ) { arguments in
            let state = StateArrays(Array(arguments[..<stateCount]), step.layout)
            let data = Array(arguments[stateCount..<arguments.count - 1])
            let random = RandomStream(seed: arguments[arguments.count - 1]).stream("training").stream(state.step)
            let outcome = step(state) { loss(data, random, $0) }
            let metrics = [outcome.loss, outcome.gradientNorm, outcome.learningRate]
            return outcome.state.flattened
                + [Tensor.concatenated(metrics.map { $0.reshaped(to: [1]) }, along: 0)]
        }
    }

    /// Multiplications and additions in a step's matrix products and convolutions; traces the step anew.
    package func matrixOperations() -> Double { computation.matrixOperations() }

    /// Runs `count` steps in one dispatch.
    ///
    /// - Parameters:
    ///   - state: taken over and replaced
    ///   - data: arrays of the types that the program was made for
    ///   - seed: a scalar of uint64
    ///   - count: steps that are begun together
    /// - Throws: ``TrainingError/stateLost`` where an earlier call failed, or what the device reports.
    public func callAsFunction(
        _ state: inout TrainingState, _ data: [DeviceArray], seed: DeviceArray, count: Int
    ) throws -> [StepMetrics] {
        var arrays = try state.take().flattened
        var rows: [DeviceArray] = []
        for _ in 0..<count {
            arrays = try function.start(arrays + data + [seed])
            rows.append(arrays.removeLast())
        }
        let metrics = try rows.map { row in
            let values = try row.values(as: Float.self)
            return StepMetrics(loss: values[0], gradientNorm: values[1], learningRate: values[2])
        }
        state.put(StateArrays(arrays, layout))
        return metrics
    }
}

/// What is known of one step.
public struct StepMetrics: Sendable {
    /// Of the batch.
    public let loss: Float
    /// The Euclidean norm of all gradients together, before clipping.
    public let gradientNorm: Float
    /// Of this step.
    public let learningRate: Float
}

/// A batch drawn without repeats, on the device.
public struct DatasetBatch {
    /// (batch, channels, height, width) in [-1, 1]
    public let data: Tensor
    /// (batch) int32
    public let labels: Tensor

    /// - Parameter random: of the step
    init(_ images: Tensor, _ labels: Tensor, size: Int, _ augmentation: Augmentation, _ random: RandomStream) {
        let indices = random.stream("batch").distinctIndices(size, below: images.shape[0])
        let changed = augmentation(images.rows(at: indices), random.stream("augmentation"))
        data = DatasetBatch.normalized(changed).splitAcrossDevices()
        self.labels = labels.rows(at: indices).splitAcrossDevices()
    }

    /// 8-bit pixels to [-1, 1]: pixel / 255 * 2 - 1.
    static func normalized(_ pixels: Tensor) -> Tensor { pixels.converted(to: .float32) / 255 * 2 - 1 }
}
