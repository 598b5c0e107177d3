import Compute
import FlowMatching
import Formats
import Foundation
import Sampling
import Training

/// A small grid of samples from the same noise at every checkpoint, so that progress can be seen.
struct CheckpointPicture {
    private let folder: RunFolder
    private let configuration: RunConfiguration
    private let network: any ConditionalNetwork
    private let sampler: Sampler

    private static let columns = 3

    init(_ folder: RunFolder, _ configuration: RunConfiguration, network: any ConditionalNetwork, _ engine: Engine)
        throws
    {
        self.folder = folder
        self.configuration = configuration
        self.network = network
        sampler = try Sampler(
            configuration.velocityField(of: network), guidance: configuration.guidance, solver: configuration.solver,
            on: engine)
    }

    private var grid: LabelGrid { LabelGrid(classCount: network.classCount, perClass: CheckpointPicture.columns) }

    private var times: [Double] { configuration.timeGrid.times(steps: configuration.recording.pictureSteps) }

    /// Compiles the sampler while training goes on. What goes wrong here is reported when the picture is drawn.
    func prepare() {
        let (sampler, count, scale, times) = (sampler, grid.labels.count, configuration.guidance.scale, times)
        DispatchQueue.global().async { try? sampler.prepare(count: count, guidance: scale, times: times) }
    }

    /// Writes `samples/step-N.png`.
    func write(step: Int, _ weights: [DeviceArray]) throws -> URL {
        let request = SamplingRequest(labels: grid.labels, guidance: configuration.guidance.scale)
        let images = try sampler.sample(
            request, weights: weights, times: times, seed: 0
        ).images
        let file = folder.samplesFolder.appendingPathComponent("step-\(step).png")
        try AtomicFile.write(PNG.encode(grid.picture(of: images, shape: network.imageShape)), to: file)
        return file
    }
}
