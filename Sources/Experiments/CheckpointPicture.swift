import Compute
import Flows
import Formats
import Foundation
import NN
import Sampling
import Tensors
import Training

/// A small grid of samples from the same noise at every checkpoint, so that progress can be seen.
final class CheckpointPicture {
    private let folder: RunFolder
    private let configuration: RunConfiguration
    private let network: any ConditionalNetwork
    private let engine: Engine
    /// A weaker network is there once a checkpoint is, so that a sampler with one is made for each picture.
    private let sampler: Sampler?
    /// Steps whose checkpoint is damaged.
    private var damaged: Set<Int> = []

    private static let columns = 3

    init(_ folder: RunFolder, _ configuration: RunConfiguration, network: any ConditionalNetwork, _ engine: Engine)
        throws
    {
        self.folder = folder
        self.configuration = configuration
        self.network = network
        self.engine = engine
        let hasWeaker = configuration.guidance.baseline != .unconditional
        sampler = hasWeaker ? nil : try CheckpointPicture.sampler(configuration, network, weaker: nil, engine)
    }

    private static func sampler(
        _ configuration: RunConfiguration, _ network: any ConditionalNetwork, weaker: WeakerNetwork?, _ engine: Engine
    ) throws -> Sampler {
        try Sampler(
            configuration.velocityField(of: network), guidance: configuration.guidance, solver: configuration.solver,
            weaker: weaker, on: engine)
    }

    private var grid: LabelGrid { LabelGrid(classCount: network.classCount, perClass: CheckpointPicture.columns) }

    private var times: [Double] { configuration.timeGrid.times(steps: configuration.recording.pictureSteps) }

    /// What it needs to be compiled, where that is known before there is a checkpoint.
    var computations: [Computation] {
        sampler?.computations(
            count: grid.labels.count, guidance: configuration.guidance.scale, times: times) ?? []
    }

    /// Writes `samples/step-N.png`; nil where it was stopped while the sampler was compiled.
    func write(step: Int, _ weights: [DeviceArray], until shouldStop: () -> Bool) throws -> URL? {
        let request = SamplingRequest(labels: grid.labels, guidance: configuration.guidance.scale)
        let sampler =
            try sampler
            ?? CheckpointPicture.sampler(
                configuration, network, weaker: WeakerRun(of: folder, configuration)?.network(on: engine), engine)
        guard
            try sampler.compiles(
                count: grid.labels.count, guidance: configuration.guidance.scale, times: times, until: shouldStop)
        else { return nil }
        let images = try sampler.sample(
            request, weights: weights, times: times, seed: 0
        ).images
        let file = folder.pictureFile(step: step)
        try AtomicFile.write(PNG.encode(grid.picture(of: images, shape: network.imageShape)), to: file)
        return file
    }

    /// Draws what is missing: the pictures of checkpoints after which the run was stopped or killed.
    func makeUp(until shouldStop: () -> Bool) throws {
        for step in folder.checkpointSteps() where step > 0 && !damaged.contains(step) && !shouldStop() {
            guard !FileManager.default.fileExists(atPath: folder.pictureFile(step: step).path) else { continue }
            // A checkpoint that is damaged has no picture; resuming from it or sampling it says why.
            guard let weights = try? SavedWeights(folder, configuration, ParameterTree(of: network), step: step)
            else {
                damaged.insert(step)
                continue
            }
            _ = try write(step: step, weights.arrays(on: engine), until: shouldStop)
        }
    }
}
