public import Compute
public import Flows
import Formats
import Foundation
import Models
import NN
import Sampling
public import Settings
import StableHLO
import Tensors
public import Training

/// A trained run from which images are drawn.
public struct SamplingRun: Sendable {
    /// The run's settings, those of the sampling replaced by what was asked for.
    public let configuration: RunConfiguration
    /// The run's network.
    public let network: any ConditionalNetwork
    let engine: Engine
    let sampler: Sampler
    let weights: [DeviceArray]
    /// What guidance leads away from, where that is another network.
    let weaker: WeakerNetwork?
    /// The step of the checkpoint that draws.
    public let step: Int
    /// Newer checkpoints that are not whole and were passed over, in a sentence each.
    public let notices: [String]

    /// Opens a run.
    ///
    /// - Parameters:
    ///   - folder: of the run
    ///   - changes: settings of solver, guidance and sampling
    ///   - checkpoint: the step whose checkpoint to use; left out, the last that is whole
    ///   - engine: opened once the weights have been read
    /// - Throws: ``TrainingError``, ``SettingsError``, ``SamplingRunError``
    public init(
        _ folder: RunFolder, changes: [Assignment] = [], checkpoint: Int? = nil, on engine: () throws -> Engine
    ) throws {
        let recorded = try folder.file().configuration
        let wanted = try recorded.applying(changes)
        let others = wanted.differences(from: recorded).filter { $0.declaration.role != .recording }
        guard others.isEmpty else { throw SamplingRunError.notOfSampling(others.map(\.key)) }
        try self.init(folder, wanted, checkpoint: checkpoint, on: engine)
    }

    /// Opens a run with other settings of solver, guidance and sampling than are recorded with it.
    init(
        _ folder: RunFolder, _ configuration: RunConfiguration, checkpoint: Int? = nil, on engine: () throws -> Engine
    ) throws {
        self.configuration = configuration
        network = try configuration.model.makeNetwork()
        let saved = try SavedWeights(
            folder, configuration, ParameterTree(of: network), step: checkpoint,
            averaged: configuration.sampling.averagedWeights)
        notices = saved.notices
        step = saved.step
        let weaker = try WeakerRun(of: folder, configuration)
        let engine = try engine()
        self.engine = engine
        weights = try saved.arrays(on: engine)
        self.weaker = try weaker?.network(on: engine)
        sampler = try Sampler(
            configuration.velocityField(of: network), guidance: configuration.guidance, solver: configuration.solver,
            weaker: self.weaker, on: engine)
    }

    private init(_ run: SamplingRun, _ configuration: RunConfiguration, _ sampler: Sampler) {
        self.configuration = configuration
        network = run.network
        engine = run.engine
        self.sampler = sampler
        weights = run.weights
        weaker = run.weaker
        step = run.step
        notices = run.notices
    }

    /// The same weights sampled otherwise, without reading them again.
    ///
    /// - Parameter changes: settings of solver, guidance, time grid and sampling; not whether averaged weights draw, nor
    ///   what guidance leads away from
    /// - Throws: ``SettingsError``, ``SamplingRunError``
    public func changed(by changes: [Assignment]) throws -> SamplingRun {
        let wanted = try configuration.applying(changes)
        let others = wanted.differences(from: configuration).filter {
            $0.declaration.role != .recording || $0.key == "sampling.averaged_weights"
        }
        guard others.isEmpty else { throw SamplingRunError.notOfSampling(others.map(\.key)) }
        guard wanted.guidance.baseline == configuration.guidance.baseline else {
            throw SamplingRunError.notOfSampling(["guidance"])
        }
        let isAsBefore = wanted.differences(from: configuration).allSatisfy { $0.key.hasPrefix("sampling.") }
        return SamplingRun(
            self, wanted,
            isAsBefore
                ? sampler
                : try Sampler(
                    wanted.velocityField(of: network), guidance: wanted.guidance, solver: wanted.solver, weaker: weaker,
                    on: engine))
    }

    /// The next number of images that the devices can share equally.
    func divisible(_ count: Int) -> Int {
        let devices = engine.device.count
        return (count + devices - 1) / devices * devices
    }

    /// Compiles what a selection needs at some guidance scales, by a step of each.
    func prepare(_ selection: SampleSelection, guidance scales: [Double]) throws {
        for scale in Set(scales.map { $0 == 1 ? 1.0 : 2.0 }) {
            let request = request(selection, 0..<min(selection.count, SamplingRun.batchSize), guidance: scale)
            _ = try sampler.sample(request, weights: weights, times: [0, 1], seed: configuration.sampling.seed)
        }
    }

    /// The sampler's programs for so many images at once.
    func programs(batchSize: Int, isGuided: Bool) throws -> (sampler: SamplerProgram, noise: SamplerProgram) {
        let precision = engine.loweringOptions.precision
        let program = try sampler.program(
            size: batchSize, times: configuration.samplingTimes, isGuided: isGuided, precision: precision)
        return (program, sampler.noiseProgram(size: batchSize, precision: precision))
    }

    /// Writes all weights that the sampler's program takes, under their names there.
    func writeWeights(to url: URL) throws {
        let tensors = try zip(sampler.weightNames, sampler.allWeights(weights)).map { name, array in
            try TensorEntry(
                name: name, dataType: array.type.elementType, shape: array.type.shape,
                bytes: array.values(as: UInt8.self))
        }
        try SafetensorsFile.write(tensors, metadata: ["format": "pt"], to: url)
    }

    /// Draws images and keeps them.
    ///
    /// - Parameters:
    ///   - selection: which images
    ///   - scale: the guidance scale
    ///   - pieces: into how many stretches of about equal length the way is cut, to be looked at after each; 0 for the images
    ///     alone
    /// - Throws: ``SamplingError``, or what the device reports.
    public func draw(_ selection: SampleSelection, guidance scale: Double, pieces: Int = 0) throws -> Samples {
        var sets = [[Float]](repeating: [], count: stops(pieces).count)
        let summary = try draw(selection, guidance: scale, pieces: pieces) { batch in
            for (index, set) in batch.enumerated() { sets[index] += set }
        }
        return Samples(
            labels: selection.labels(0..<selection.count), imageShape: network.imageShape, sets: sets,
            evaluations: summary.evaluations, seconds: summary.seconds)
    }

    /// Draws images batch by batch and keeps none.
    ///
    /// - Parameters:
    ///   - selection: which images
    ///   - scale: the guidance scale
    ///   - pieces: as of ``draw(_:guidance:pieces:)``
    ///   - onBatch: given the stills of some more images, one set a stop, the images last: row-major (count, channels, height,
    ///     width)
    public func draw(
        _ selection: SampleSelection, guidance scale: Double, pieces: Int = 0, onBatch: ([[Float]]) throws -> Void
    ) throws -> DrawingSummary {
        let (start, pixels) = (ContinuousClock.now, network.imageShape.reduce(1, *))
        var evaluations = 0
        // Where steps take noise of a seed, a batch is of one seed.
        let isApart = configuration.solver.isStochastic && selection.hasOwnSeeds
        let size = isApart ? 1 : min(SamplingRun.batchSize, selection.count)
        for first in stride(from: 0, to: selection.count, by: size) {
            let range = first..<min(first + size, selection.count)
            // The last batch is filled up, so that it needs no program of its own.
            let trajectory = try sampler(of: selection).sample(
                request(selection, range, guidance: scale, filledTo: size), weights: weights,
                times: configuration.samplingTimes, stops: stops(pieces), seed: configuration.sampling.seed)
            evaluations = max(evaluations, trajectory.evaluations)
            try onBatch(trajectory.sets.map { Array($0.prefix(range.count * pixels)) })
        }
        return DrawingSummary(
            images: selection.count,
            evaluations: selection.blend == nil ? evaluations : BlendedNetwork.evaluations * evaluations,
            seconds: start.secondsUntilNow)
    }

    /// Images computed at once.
    static let batchSize = 128

    private func request(
        _ selection: SampleSelection, _ range: Range<Int>, guidance scale: Double, filledTo size: Int = 0
    ) -> SamplingRequest {
        let labels = selection.labels(range)
        let filling = [Int](repeating: 0, count: max(0, size - range.count))
        return SamplingRequest(labels: labels + filling, guidance: scale, noise: selection.noise(range))
    }

    /// Numbers of steps done at the cuts between `pieces` stretches of the way.
    private func stops(_ pieces: Int) -> [Int] {
        let steps = configuration.samplingTimes.count - 1
        let count = min(pieces, steps)
        return count == 0 ? [steps] : (0...count).map { $0 * steps / count }
    }

    private func sampler(of selection: SampleSelection) throws -> Sampler {
        guard let blend = selection.blend else { return sampler }
        for label in [blend.start, blend.end] where !(0...network.nullLabel).contains(label) {
            throw SamplingError.labelOutOfRange(label, nullLabel: network.nullLabel)
        }
        func blended(_ network: any ConditionalNetwork) -> BlendedNetwork {
            BlendedNetwork(network, from: blend.start, to: blend.end, count: blend.steps)
        }
        let weaker = weaker.map { weaker in
            let field = weaker.field
            return WeakerNetwork(
                VelocityField(blended(field.network), path: field.path, prediction: field.prediction),
                weights: weaker.weights)
        }
        return try Sampler(
            configuration.velocityField(of: blended(network)), guidance: configuration.guidance,
            solver: configuration.solver, weaker: weaker, on: engine)
    }
}

/// Images that were drawn, or stills of their way.
public struct Samples: Sendable {
    /// One an image.
    public let labels: [Int]
    /// Channels, height and width.
    public let imageShape: [Int]
    /// One set a stop, the images last: values in [-1, 1] and beyond, row-major (count, channels, height, width).
    public let sets: [[Float]]
    /// How often the network was evaluated for an image.
    public let evaluations: Int
    /// Wall time.
    public let seconds: Double

    /// The images alone, row-major (count, channels, height, width).
    public var images: [Float] { sets[sets.count - 1] }
}

/// What a drawing took.
public struct DrawingSummary: Sendable {
    /// How many images were drawn.
    public let images: Int
    /// How often the network was evaluated for an image.
    public let evaluations: Int
    /// Wall time.
    public let seconds: Double

    /// How often the network was evaluated for all images.
    public var totalEvaluations: Int { evaluations * images }
}

/// A drawing that cannot be made.
public enum SamplingRunError: Error, Equatable, CustomStringConvertible {
    /// Settings that a run was trained with.
    case notOfSampling([String])
    /// More images than there are numbers.
    case tooManyImages(rows: Int, of: Int)
    /// More images than a disk holds; both in bytes, `needed` nil where it is more than there are numbers for.
    case noRoom(images: Int, path: String, needed: Int?, available: Int)
    /// More pictures than anybody opens.
    case tooManyPictures(Int, most: Int)
    /// A run that guidance cannot lead away from.
    case otherField(path: String, reason: String)

    public var description: String {
        switch self {
        case .notOfSampling(let keys):
            "\(keys.joined(separator: ", ")) cannot be changed once a run is trained; set solver, guidance and sampling"
        case .tooManyImages(let rows, let length):
            "\(rows) rows of \(length) images are more images than can be counted; ask for fewer"
        case .noRoom(let images, let path, let needed, let available):
            "\(images) images take \(needed.map { "\($0)" } ?? "more than \(Int.max)") bytes, and where \(path) is to be "
                + "are \(available) free; draw fewer, or write to another disk"
        case .tooManyPictures(let count, let most):
            "\(count) pictures are more than the \(most) that are written at once; take --format npz for so many images"
        case .otherField(let path, let reason):
            "the weaker run \(path) (guidance.run) \(reason): autoguidance needs one of the same path, images and labels"
        }
    }
}
