import Compute
import Datasets
import FlowMatching
import Formats
import Foundation
import Sampling
import Training

/// A small grid of samples from the same noise at every checkpoint, so that progress can be seen.
struct CheckpointPicture {
    private let folder: RunFolder
    private let network: any VelocityField
    private let engine: Engine

    private static let columns = 3
    private static let guidance = 3.0
    private static let steps = 25

    init(_ folder: RunFolder, network: any VelocityField, _ engine: Engine) {
        self.folder = folder
        self.network = network
        self.engine = engine
    }

    /// Compiles the sampler while training goes on. What goes wrong here is reported when the picture is drawn.
    func prepare() {
        DispatchQueue.global().async {
            try? Sampler(network, on: engine).prepare(count: (network.classCount + 1) * CheckpointPicture.columns)
        }
    }

    /// Writes `samples/step-N.png`.
    func write(step: Int, _ weights: [DeviceArray]) throws {
        let grid = LabelGrid(classCount: network.classCount, perClass: CheckpointPicture.columns)
        let images = try Sampler(network, on: engine).sample(
            SamplingRequest(labels: grid.labels, guidance: CheckpointPicture.guidance), weights: weights,
            steps: CheckpointPicture.steps, seed: 0)
        let picture = try grid.picture(of: images, shape: network.imageShape)
        try AtomicFile.write(PNG.encode(picture), to: folder.samplesFolder.appendingPathComponent("step-\(step).png"))
    }
}

/// The reference's arrangement of samples: a row for each label, the last for the null label.
struct LabelGrid {
    let rows: Int
    let columns: Int

    init(classCount: Int, perClass: Int) {
        rows = classCount + 1
        columns = perClass
    }

    /// Labels row by row.
    var labels: [Int] { (0..<rows).flatMap { [Int](repeating: $0, count: columns) } }

    /// - Parameter images: values in [-1, 1] and beyond, one channel, in the order of ``labels``
    func picture(of images: [Float], shape: [Int]) throws -> RasterImage {
        try ContactSheet(rows: rows, columns: columns, scale: 2)
            .image(of: PixelRange.quantized(images), width: shape[2], height: shape[1])
    }
}
