public import Compute
public import Flows
import NN
import StableHLO
package import Tensors

/// Draws images: noise, then the guided flow from time 0 to 1, the loop over time on the device.
///
/// Image `i` of a seed depends on the seed and `i` alone, whatever the batch it is computed in.
public struct Sampler: Sendable {
    let computations: SamplerComputations
    /// Of the network that guidance leads away from.
    private let weakerWeights: [DeviceArray]
    let engine: Engine
    /// The most images computed at once.
    private let batchSize: Int
    let programs = TracedPrograms()

    /// - Parameters:
    ///   - field: the velocities of a network
    ///   - guidance: how those with and without a label become one
    ///   - solver: the numerical method
    ///   - weaker: what guidance leads away from, where that is another network
    ///   - engine: what it runs on
    ///   - batchSize: the most images computed at once
    /// - Throws: what is wrong with the network's parameters.
    public init(
        _ field: VelocityField, guidance: any Guidance, solver: any Solver, weaker: WeakerNetwork? = nil,
        on engine: Engine, batchSize: Int = 128
    ) throws {
        computations = try SamplerComputations(field, guidance: guidance, solver: solver, weaker: weaker?.field)
        weakerWeights = weaker?.weights ?? []
        self.engine = engine
        self.batchSize = batchSize
    }

    var field: GuidedField { computations.field }

    var solver: any Solver { computations.solver }

    var network: any ConditionalNetwork { computations.network }

    /// Draws images.
    ///
    /// - Parameters:
    ///   - request: labels, scales and noise
    ///   - weights: one array for each entry of the network's parameter tree
    ///   - times: ascending from 0 to 1, between which the solver's steps lead; adaptive steps are cut at the stops
    ///     alone
    ///   - stops: ascending numbers of steps done, from 0 (the noise) to all (the images); left out, the images alone
    ///   - seed: of the noise
    ///   - onBatch: told how many images are done
    /// - Throws: ``SamplingError``, or what the device reports.
    public func sample(
        _ request: SamplingRequest, weights: [DeviceArray], times: [Double], stops: [Int]? = nil, seed: UInt64,
        onBatch: (Int) -> Void = { _ in }
    ) throws -> Trajectory {
        try check(request)
        let steps = times.count - 1
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
                try advance(&batch, weights: weights, to: stop, along: times)
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

    /// Takes a batch on its way, to the state after `stop` of the steps between times.
    ///
    /// Where no baseline is needed, steps run without it.
    public func advance(
        _ batch: inout SamplingBatch, weights: [DeviceArray], to stop: Int, along times: [Double]
    ) throws {
        if let tolerance = solver.tolerance, let pair = solver as? any RungeKutta {
            let steps = AdaptiveSteps(type(of: pair).tableau, tolerance)
            try advance(&batch, weights: weights, from: times[batch.stepsDone], to: times[stop], steps)
            batch.stepsDone = stop
            return
        }
        func isGuided(_ step: Int) -> Bool { self.isGuided(batch, from: times[step], to: times[step + 1]) }
        while batch.stepsDone < stop {
            let first = batch.stepsDone
            let isGuided = isGuided(first)
            let last =
                (first + 1..<stop).first { self.isGuided(batch, from: times[$0], to: times[$0 + 1]) != isGuided }
                ?? stop
            let grid = try timeTable(times)
            let numbers = try [first, last].map {
                try DeviceArray([Int32($0)], TensorType([], .int32), on: engine.device)
            }
            let size = batch.size
            let flow = try flowFunction(size, isGuided: isGuided, steps: times.count - 1)
            batch.state = try flow(constants(batch, weights) + batch.origin + [batch.state, grid] + numbers)[0]
            batch.evaluations += (last - first) * solver.evaluationsPerStep * (isGuided ? 2 : 1)
            batch.stepsDone = last
        }
    }

    /// Takes a batch from time to time by steps of adaptive length, in pieces without a jump of the guided velocity.
    private func advance(
        _ batch: inout SamplingBatch, weights: [DeviceArray], from start: Double, to end: Double, _ steps: AdaptiveSteps
    ) throws {
        let cuts = batch.isGuided ? field.guidance.switchTimes.filter { $0 > start && $0 < end }.sorted() : []
        let times = [start] + cuts + [end]
        for (first, last) in zip(times, times.dropFirst()) {
            // Of a piece, the time in the middle says whether it is guided: what is guided from its end on is the next's.
            let middle = (first + last) / 2
            let isGuided = isGuided(batch, from: middle, to: middle)
            let integrator = try integrator(steps, batch.size, isGuided: isGuided)
            // The velocity at a piece's end is that just before it jumps.
            let limit = try DeviceArray([Float(last).nextDown], TensorType([]), on: engine.device)
            let result = try integrator.integrate(
                [batch.state], constants: constants(batch, weights) + [limit], from: first, to: last)
            batch.state = result.state[0]
            batch.evaluations += result.evaluations * (isGuided ? 2 : 1)
        }
    }

    private func integrator(_ steps: AdaptiveSteps, _ size: Int, isGuided: Bool) throws -> AdaptiveIntegrator {
        try programs.integrator(TracedPrograms.Key("sample", size, isGuided: isGuided)) {
            try AdaptiveIntegrator(
                "sample", steps, constants: computations.constantTypes(size) + [TensorType([])],
                state: [TensorType([size] + network.imageShape)], on: engine
            ) { constants in
                let end = constants[constants.count - 1]
                let velocity = computations.velocity(Array(constants.dropLast()), isGuided: isGuided)
                return { state, time in velocity(state, time.minimum(end.broadcast(to: time.shape))) }
            }
        }
    }

    /// Whether a step needs the baseline. At a scale of 1 the conditional velocity is all there is to it.
    func isGuided(_ batch: SamplingBatch, from start: Double, to end: Double) -> Bool {
        batch.isGuided && computations.canGuide && field.guidance.guides(from: start, to: end)
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
        let noise = request.noise.part(range, pixels: network.imageShape.reduce(1, *))
        // What noise a step adds, only images of one seed have in common.
        guard
            let origin = try noise.origin(seed: seed).map(origin)
                ?? (solver.isStochastic ? nil : origin(NoiseName(seed: seed)))
        else {
            throw SamplingError.freshNoise
        }
        return SamplingBatch(
            count: range.count, state: try state(noise, size: size, seed: seed), origin: origin,
            labels: try DeviceArray(numbers, TensorType([size], .int32), on: engine.device),
            guidance: try DeviceArray(scales, TensorType([size]), on: engine.device),
            isGuided: request.guidance[range].contains { $0 != 1 })
    }

    /// What sampling that many images at a guidance scale along some times needs to be compiled; of steps of adaptive
    /// length the noise alone.
    ///
    /// - Parameters:
    ///   - count: images
    ///   - guidance: the scale
    ///   - times: ascending from 0 to 1
    package func computations(count: Int, guidance: Double, times: [Double]) -> [Computation] {
        let size = size(of: count)
        let noise = computations.noise(size)
        guard solver.tolerance == nil else { return [noise] }
        let isGuided = guidance != 1 && computations.canGuide
        return [noise, computations.flow(size, isGuided: isGuided, steps: times.count - 1)]
    }

    /// Compiles ``computations(count:guidance:times:)`` on other threads, or waits for whoever does; each is traced once.
    ///
    /// - Parameters:
    ///   - count: images
    ///   - guidance: the scale
    ///   - times: ascending from 0 to 1
    ///   - shouldStop: asked several times a second
    /// - Returns: false where it was stopped before they were there
    /// - Throws: what the compiler reports.
    package func compiles(
        count: Int, guidance: Double, times: [Double], until shouldStop: () -> Bool
    ) throws -> Bool {
        let size = size(of: count)
        guard try compiles(noiseKey(size), until: shouldStop, { computations.noise(size) }) else { return false }
        guard solver.tolerance == nil else { return true }
        let isGuided = guidance != 1 && computations.canGuide
        let steps = times.count - 1
        return try compiles(flowKey(size, isGuided: isGuided, steps: steps), until: shouldStop) {
            computations.flow(size, isGuided: isGuided, steps: steps)
        }
    }

    private func compiles(
        _ key: TracedPrograms.Key, until shouldStop: () -> Bool, _ computation: () -> Computation
    ) throws -> Bool {
        guard !programs.has(key) else { return true }
        guard let function = try engine.function(computation(), until: shouldStop) else { return false }
        _ = programs.function(key) { function }
        return true
    }

    /// How many of that many images are computed at once.
    private func size(of count: Int) -> Int { divisible(min(batchSize, count)) }

    /// The next number of images that the devices can share equally.
    private func divisible(_ count: Int) -> Int {
        let devices = engine.device.count
        return (count + devices - 1) / devices * devices
    }

    func noise(_ size: Int, of name: NoiseName) throws -> DeviceArray { try noiseFunction(size)(origin(name))[0] }

    private func origin(_ name: NoiseName) throws -> [DeviceArray] {
        try [name.seed, UInt64(name.number)].map { try DeviceArray([$0], TensorType([], .uint64), on: engine.device) }
    }

    /// Times in an array of a length that many grids share, so that one program serves them.
    private func timeTable(_ times: [Double]) throws -> DeviceArray {
        let length = SamplerComputations.gridLength(times: times.count)
        let filled = times.map { Float($0) } + [Float](repeating: 1, count: length - times.count)
        return try DeviceArray(filled, TensorType([length]), on: engine.device)
    }

    private func noiseFunction(_ size: Int) throws -> CompiledFunction {
        try programs.function(noiseKey(size)) { try engine.function(computations.noise(size)) }
    }

    private func noiseKey(_ size: Int) -> TracedPrograms.Key { TracedPrograms.Key("noise", size) }

    func flowFunction(_ size: Int, isGuided: Bool, steps: Int) throws -> CompiledFunction {
        try programs.function(flowKey(size, isGuided: isGuided, steps: steps)) {
            try engine.function(computations.flow(size, isGuided: isGuided, steps: steps))
        }
    }

    func flowKey(_ size: Int, isGuided: Bool, steps: Int) -> TracedPrograms.Key {
        let length = SamplerComputations.gridLength(times: steps + 1)
        return TracedPrograms.Key("flow", size, isGuided: isGuided, gridLength: length)
    }

    /// What a velocity depends on, of the types of ``SamplerComputations/constantTypes(_:)``.
    func constants(_ batch: SamplingBatch, _ weights: [DeviceArray]) -> [DeviceArray] {
        allWeights(weights) + [batch.labels, batch.guidance]
    }

    /// Names of all weights that a velocity depends on; those of the weaker network begin with "weaker.".
    package var weightNames: [String] { computations.weightNames }

    /// The arrays of these names.
    package func allWeights(_ weights: [DeviceArray]) -> [DeviceArray] { weights + weakerWeights }
}
