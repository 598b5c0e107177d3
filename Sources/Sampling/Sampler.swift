public import Compute
public import FlowMatching
import NN
import StableHLO
import Tracing

/// Draws images: noise, then the guided flow from time 0 to 1, the loop over time on the device.
///
/// Image `i` of a seed depends on the seed and `i` alone, whatever the batch it is computed in.
public struct Sampler: Sendable {
    private let field: GuidedField
    private let solver: any Solver
    private let tree: ParameterTree
    private let engine: Engine
    /// The most images computed at once.
    private let batchSize: Int

    public init(
        _ field: VelocityField, guidance: any Guidance, solver: any Solver, on engine: Engine, batchSize: Int = 128
    ) throws {
        self.field = GuidedField(field, guidance)
        self.solver = solver
        self.engine = engine
        self.batchSize = batchSize
        tree = try ParameterTree(of: field.network)
    }

    private var network: any ConditionalNetwork { field.field.network }

    /// Draws images.
    ///
    /// - Parameters:
    ///   - weights: one array for each entry of the network's parameter tree
    ///   - steps: of the solver, equal ones
    ///   - stops: ascending numbers of steps done, from 0 (the noise) to `steps` (the images); left out, the images alone
    ///   - onBatch: told how many images are done
    /// - Throws: ``SamplingError`` for a label out of range, or what the device reports.
    public func sample(
        _ request: SamplingRequest, weights: [DeviceArray], steps: Int, stops: [Int]? = nil, seed: UInt64,
        onBatch: (Int) -> Void = { _ in }
    ) throws -> Trajectory {
        try check(request)
        guard steps > 0 else { throw SamplingError.stepCount(steps) }
        let stops = stops ?? [steps]
        precondition(
            stops == stops.sorted() && stops.allSatisfy((0...steps).contains), "ascending stops up to \(steps)")
        let count = request.labels.count
        let size = size(of: count)
        var trajectory = Trajectory(sets: [[Float]](repeating: [], count: stops.count))
        for first in stride(from: 0, to: count, by: size) {
            var batch = try begin(request, first..<min(first + size, count), size: size, seed: seed)
            for (index, stop) in stops.enumerated() {
                try advance(&batch, weights: weights, to: stop, of: steps)
                trajectory.sets[index] += try batch.images()
            }
            trajectory.evaluations = max(trajectory.evaluations, batch.evaluations)
            onBatch(first + batch.count)
        }
        return trajectory
    }

    /// The noise from which all images of a request are drawn at once.
    ///
    /// - Throws: ``SamplingError`` for a label out of range, or what the device reports.
    public func begin(_ request: SamplingRequest, seed: UInt64) throws -> SamplingBatch {
        try check(request)
        let count = request.labels.count
        return try begin(request, 0..<count, size: divisible(count), seed: seed)
    }

    /// Takes a batch on its way, to the state after `stop` of `steps` equal steps.
    ///
    /// Steps that need no unconditional velocity run without it.
    public func advance(
        _ batch: inout SamplingBatch, weights: [DeviceArray], to stop: Int, of steps: Int
    ) throws {
        while batch.stepsDone < stop {
            let first = batch.stepsDone
            let isGuided = isGuided(batch, step: first, of: steps)
            let last = (first + 1..<stop).first { self.isGuided(batch, step: $0, of: steps) != isGuided } ?? stop
            let numbers = try [first, last, steps].map {
                try DeviceArray([Int32($0)], TensorType([], .int32), on: engine.device)
            }
            let size = batch.size
            let flow = try batch.flow(isGuided) { try flowFunction(size, isGuided: isGuided) }
            batch.state = try flow(weights + [batch.state, batch.labels, batch.guidance] + numbers)[0]
            batch.evaluations += (last - first) * solver.evaluationsPerStep * (isGuided ? 2 : 1)
            batch.stepsDone = last
        }
    }

    /// Without labels both velocities are one, whatever the scale.
    private var hasLabels: Bool { network.classCount > 0 }

    /// Whether a step needs the velocity without a label. At a scale of 1 the conditional velocity is all there is to it.
    private func isGuided(_ batch: SamplingBatch, step: Int, of steps: Int) -> Bool {
        batch.isGuided && hasLabels
            && field.guidance.guides(from: Double(step) / Double(steps), to: Double(step + 1) / Double(steps))
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
            count: range.count, state: try noise(size, first: request.first + range.lowerBound, seed: seed),
            labels: try DeviceArray(numbers, TensorType([size], .int32), on: engine.device),
            guidance: try DeviceArray(scales, TensorType([size]), on: engine.device),
            isGuided: request.guidance[range].contains { $0 != 1 })
    }

    /// Compiles what sampling that many images at a guidance scale needs.
    public func prepare(count: Int, guidance: Double) throws {
        let size = size(of: count)
        _ = (try noiseFunction(size), try flowFunction(size, isGuided: guidance != 1 && hasLabels))
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
    private func flowFunction(_ size: Int, isGuided: Bool) throws -> CompiledFunction {
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
                solver.integrate(perImage[0], steps: scalars[2], first: scalars[0], last: scalars[1]) { x, time in
                    isGuided
                        ? field(x, at: time, labels: perImage[1], scale: perImage[2], context)
                        : field.field(x, at: time.broadcast(to: [size]), labels: perImage[1], context)
                }
            ]
        }
    }
}
