public import Compute
public import Flows
import NN
import StableHLO
import Tracing

/// Draws images: noise, then the guided flow from time 0 to 1, the loop over time on the device.
///
/// Image `i` of a seed depends on the seed and `i` alone, whatever the batch it is computed in.
public struct Sampler: Sendable {
    let field: GuidedField
    let solver: any Solver
    private let tree: ParameterTree
    /// The network that guidance leads away from, and its parameters.
    private let weaker: (network: WeakerNetwork, tree: ParameterTree)?
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
        self.field = GuidedField(field, guidance, weaker: weaker?.field)
        self.solver = solver
        self.engine = engine
        self.batchSize = batchSize
        tree = try ParameterTree(of: field.network)
        self.weaker = try weaker.map { ($0, try ParameterTree(of: $0.field.network)) }
    }

    var network: any ConditionalNetwork { field.field.network }

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
            let flow = try flowFunction(size, isGuided: isGuided, grid: grid.type)
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
                "sample", steps, constants: constantTypes(size) + [TensorType([])],
                state: [TensorType([size] + network.imageShape)], on: engine
            ) { constants in
                let end = constants[constants.count - 1]
                let velocity = velocity(Array(constants.dropLast()), isGuided: isGuided)
                return { state, time in velocity(state, time.minimum(end.broadcast(to: time.shape))) }
            }
        }
    }

    /// Without labels both velocities of one network are one, whatever the scale.
    var canGuide: Bool { network.classCount > 0 || weaker != nil }

    /// Whether a step needs the baseline. At a scale of 1 the conditional velocity is all there is to it.
    func isGuided(_ batch: SamplingBatch, from start: Double, to end: Double) -> Bool {
        batch.isGuided && canGuide && field.guidance.guides(from: start, to: end)
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

    /// Compiles what sampling that many images at a guidance scale along some times needs.
    public func prepare(count: Int, guidance: Double, times: [Double]) throws {
        let size = size(of: count)
        _ = try noiseFunction(size)
        guard solver.tolerance == nil else { return }
        _ = try flowFunction(size, isGuided: guidance != 1 && canGuide, grid: timeTable(times).type)
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
        var length = 128
        while length < times.count { length *= 2 }
        let filled = times.map { Float($0) } + [Float](repeating: 1, count: length - times.count)
        return try DeviceArray(filled, TensorType([length]), on: engine.device)
    }

    /// Arguments: seed, number of the first image.
    private func noiseFunction(_ size: Int) throws -> CompiledFunction {
        let scalar = TensorType([], .uint64)
        return try programs.function(TracedPrograms.Key("noise", size)) {
            try engine.function("noise", arguments: [scalar, scalar]) { arguments in
                [NoiseSource(seed: arguments[0]).images(size, from: arguments[1], shape: network.imageShape)]
            }
        }
    }

    /// What a velocity depends on: weights, those of the weaker network, labels, guidance scales.
    func constants(_ batch: SamplingBatch, _ weights: [DeviceArray]) -> [DeviceArray] {
        allWeights(weights) + [batch.labels, batch.guidance]
    }

    /// Types of ``constants(_:_:)``.
    func constantTypes(_ size: Int) -> [TensorType] {
        weightTypes + [TensorType([size], .int32), TensorType([size])]
    }

    var weightTypes: [TensorType] { tree.types + (weaker?.tree.types ?? []) }

    /// Names of all weights that a velocity depends on; those of the weaker network begin with "weaker.".
    public var weightNames: [String] { tree.names + (weaker?.tree.names ?? []).map { "weaker.\($0)" } }

    /// The arrays of these names.
    public func allWeights(_ weights: [DeviceArray]) -> [DeviceArray] { weights + (weaker?.network.weights ?? []) }

    /// The velocity that samples follow, of ``constants(_:_:)``.
    func velocity(_ constants: [Tensor], isGuided: Bool) -> ProbabilityFlow.Velocity {
        let count = tree.entries.count
        let context = Context(tree, values: Array(constants[..<count]), mode: .evaluation)
        let weakerContext = weaker.map {
            Context($0.tree, values: Array(constants[count..<count + $0.tree.entries.count]), mode: .evaluation)
        }
        let perImage = constants.suffix(2).map { $0.splitAcrossDevices() }
        return { state, time in
            let x = state[0]
            return [
                isGuided
                    ? field(x, at: time, labels: perImage[0], scale: perImage[1], context, weaker: weakerContext)
                    : field.field(x, at: time.broadcast(to: [x.shape[0]]), labels: perImage[0], context)
            ]
        }
    }

    /// Arguments after ``constants(_:_:)``: seed, number of the first image, state, times, first step, last step.
    private func flowFunction(_ size: Int, isGuided: Bool, grid: TensorType) throws -> CompiledFunction {
        let constants = constantTypes(size)
        let (number, step) = (TensorType([], .uint64), TensorType([], .int32))
        let others = [number, number, TensorType([size] + network.imageShape), grid, step, step]
        let key = TracedPrograms.Key("flow", size, isGuided: isGuided, gridLength: grid.shape[0])
        return try programs.function(key) {
            try engine.function("sample", arguments: constants + others) { arguments in
                let rest = Array(arguments[constants.count...])
                let flow = ProbabilityFlow(
                    along: field.field.path, velocity(Array(arguments[..<constants.count]), isGuided: isGuided))
                return solver.integrate(
                    [rest[2].splitAcrossDevices()], times: rest[3], first: rest[4], last: rest[5], flow
                ) { step in
                    [
                        NoiseSource(seed: rest[0]).ofStep(step)
                            .images(size, from: rest[1], shape: network.imageShape)
                            .splitAcrossDevices()
                    ]
                }
            }
        }
    }
}
