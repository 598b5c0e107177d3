public import Compute
public import FlowMatching
import Foundation
import Models
import NN
import Sampling
public import Settings
public import Training

/// A trained run from which images are drawn.
public struct SamplingRun: Sendable {
    /// The run's settings, those of the sampling replaced by what was asked for.
    public let configuration: RunConfiguration
    public let network: any ConditionalNetwork
    private let sampler: Sampler
    private let weights: [DeviceArray]

    /// Opens a run.
    ///
    /// - Parameters:
    ///   - changes: settings of solver, guidance and sampling
    ///   - checkpoint: the step whose checkpoint to use; left out, the last
    ///   - engine: opened once the folder has been read
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
        let file = try folder.checkpoint(step: checkpoint)
        let weaker = try WeakerRun(of: folder, configuration)
        let engine = try engine()
        weights = try Checkpoint.readWeights(
            file, ParameterTree(of: network), averaged: configuration.sampling.averagedWeights, on: engine)
        sampler = try Sampler(
            configuration.velocityField(of: network), guidance: configuration.guidance, solver: configuration.solver,
            weaker: weaker?.network(on: engine), on: engine)
    }

    /// Which images of a seed are drawn, and how they stand in a picture.
    public struct Selection: Sendable {
        public let labels: [Int]
        /// The number of the first image.
        public let first: Int
        /// Images in a row.
        public let columns: Int

        /// - Parameters:
        ///   - labels: one for each image
        ///   - first: the number of the first among all images of the seed
        ///   - columns: of a picture
        public init(labels: [Int], first: Int = 0, columns: Int) {
            self.labels = labels
            self.first = first
            self.columns = columns
        }

        /// The rows of a ``LabelGrid``; wide ones go on below.
        public init(gridOf classCount: Int, perClass: Int) {
            self.init(labels: LabelGrid(classCount: classCount, perClass: perClass).labels, columns: min(perClass, 40))
        }

        /// Images in a row.
        ///
        /// - Parameters:
        ///   - labels: left out, all of them
        ///   - count: how many images, which have labels in turn, where there are any: image i has that of its number, whichever image is the
        ///     first to be drawn; left out, one image a label
        public init(_ labels: [Int]?, count: Int?, first: Int, classCount: Int) {
            let turn = labels ?? Array(0..<max(1, classCount))
            let drawn = count.map { (0..<$0).map { turn[(first + $0) % turn.count] } } ?? turn
            self.init(labels: drawn, first: first, columns: drawn.count > 100 ? 40 : 10)
        }
    }

    /// Compiles what a selection needs at some guidance scales, by a step of each.
    func prepare(_ selection: Selection, guidance scales: [Double]) throws {
        for scale in Set(scales.map { $0 == 1 ? 1.0 : 2.0 }) {
            let request = SamplingRequest(labels: selection.labels, guidance: scale, first: selection.first)
            _ = try sampler.sample(request, weights: weights, times: [0, 1], seed: configuration.sampling.seed)
        }
    }

    /// Draws images.
    ///
    /// - Parameters:
    ///   - scale: the guidance scale
    ///   - pieces: into how many stretches of about equal length the way is cut, to be looked at after each; 0 for the
    ///     images alone
    ///   - onBatch: told how many images are done
    /// - Throws: ``SamplingError``, ``SamplingRunError``, or what the device reports.
    public func draw(
        _ selection: Selection, guidance scale: Double, pieces: Int = 0, onBatch: (Int) -> Void = { _ in }
    ) throws -> Samples {
        let times = configuration.samplingTimes
        let steps = times.count - 1
        let count = min(pieces, steps)
        let stops = count == 0 ? [steps] : (0...count).map { $0 * steps / count }
        let pixels = network.imageShape.reduce(1, *)
        let most = SamplingRun.mostValues / (stops.count * pixels)
        guard selection.labels.count <= most else {
            throw SamplingRunError.tooManyImages(selection.labels.count, most: most)
        }
        let start = ContinuousClock.now
        let trajectory = try sampler.sample(
            SamplingRequest(labels: selection.labels, guidance: scale, first: selection.first), weights: weights,
            times: times, stops: stops, seed: configuration.sampling.seed, onBatch: onBatch)
        return Samples(
            selection: selection, imageShape: network.imageShape, guidance: scale, sets: trajectory.sets,
            evaluations: trajectory.evaluations, seconds: start.secondsUntilNow)
    }

    /// The most numbers that are kept of one drawing, 4 GiB of them.
    private static let mostValues = 1 << 30
}

/// Images that were drawn, or stills of their way.
public struct Samples: Sendable {
    public let selection: SamplingRun.Selection
    /// Channels, height and width.
    public let imageShape: [Int]
    public let guidance: Double
    /// One set a stop, the images last: values in [-1, 1] and beyond, row-major (count, channels, height, width).
    public let sets: [[Float]]
    /// How often the network was evaluated for an image.
    public let evaluations: Int
    public let seconds: Double

    public var images: [Float] { sets[sets.count - 1] }
}

/// A drawing that cannot be made.
public enum SamplingRunError: Error, Equatable, CustomStringConvertible {
    /// Settings that a run was trained with.
    case notOfSampling([String])
    case tooManyImages(Int, most: Int)
    /// A run that guidance cannot lead away from.
    case otherField(path: String, reason: String)

    public var description: String {
        switch self {
        case .notOfSampling(let keys):
            "\(keys.joined(separator: ", ")) cannot be changed once a run is trained; set solver, guidance and sampling"
        case .otherField(let path, let reason):
            "the weaker run \(path) (guidance.run) \(reason): autoguidance needs one of the same path, images and labels"
        case .tooManyImages(let count, let most):
            "\(count) images are more than are kept in memory; draw \(most) at most, and go on with --first \(most)"
        }
    }
}
