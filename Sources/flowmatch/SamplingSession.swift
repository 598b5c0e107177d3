import Datasets
import FlowMatching
import Formats
import Foundation
import Models
import NN
import Sampling
import Training

/// One call of `flowmatch sample`: what to draw, and how to write it.
struct SamplingSession {
    private let command: Sample

    /// Stills of a strip, and frames of an animation.
    private static let stripStills = 10
    private static let animationFrames = 50

    init(_ command: Sample) { self.command = command }

    func run() throws {
        let folder = RunFolder(URL(fileURLWithPath: command.folder, isDirectory: true))
        let network = try folder.configuration().model.makeModel()
        let file = try folder.checkpoint(step: command.checkpoint)
        let layout = arrangement(network)
        if let label = layout.labels.first(where: { !(0...network.nullLabel).contains($0) }) {
            throw SamplingError.labelOutOfRange(label, nullLabel: network.nullLabel)
        }
        let engine = try command.device.engine()
        let weights = try Checkpoint.readWeights(
            file, ParameterTree(of: network), averaged: !command.noEma, on: engine)
        let sampler = try Sampler(network, on: engine)
        let scales = command.guidance.isEmpty ? [3] : command.guidance
        for scale in scales {
            let url = output(scale, several: scales.count > 1)
            var progress = ProgressBar(total: layout.labels.count)
            let start = ContinuousClock.now
            let sets = try sampler.trajectory(
                SamplingRequest(labels: layout.labels, guidance: scale), weights: weights, steps: command.steps,
                stops: stops, seed: command.seed
            ) { progress.update($0, "images at guidance \(scale)") }
            let seconds = start.secondsUntilNow
            try write(sets, layout, network.imageShape, to: url)
            print(
                String(
                    format: "%@  (guidance %g, %d images in %.1f s)", url.relativePath, scale, layout.labels.count,
                    seconds))
        }
    }

    /// Labels in the order they are drawn, and how many stand in a row.
    private struct Arrangement {
        let labels: [Int]
        let columns: Int
    }

    private func arrangement(_ network: any VelocityField) -> Arrangement {
        if let list = command.labels?.labels ?? command.count.map({ _ in Array(0..<network.classCount) }) {
            let count = command.count ?? list.count
            return Arrangement(labels: (0..<count).map { list[$0 % list.count] }, columns: min(count, 10))
        }
        let grid = LabelGrid(classCount: network.classCount, perClass: command.perClass)
        return Arrangement(labels: grid.labels, columns: grid.columns)
    }

    /// After which steps images are looked at: all ends with the last.
    private var stops: [Int] {
        let count: Int
        switch command.trajectory {
        case nil: return [command.steps]
        case .strip: count = SamplingSession.stripStills
        case .animation: count = SamplingSession.animationFrames
        }
        let pieces = min(count - 1, command.steps)
        return (0...pieces).map { $0 * command.steps / pieces }
    }

    private func write(_ sets: [[Float]], _ arrangement: Arrangement, _ shape: [Int], to url: URL) throws {
        let count = arrangement.labels.count
        switch (command.format, command.trajectory) {
        case (.npy, _):
            try NPY<Float>(shape: [count] + shape, values: sets[0]).write(to: url)
        case (.safetensors, _):
            let tensors = [
                try TensorEntry(name: "images", shape: [count] + shape, values: sets[0]),
                try TensorEntry(name: "labels", shape: [count], values: arrangement.labels.map(Int64.init)),
            ]
            try SafetensorsFile.write(tensors, to: url)
        case (.png, nil):
            try AtomicFile.write(PNG.encode(picture(sets[0], columns: arrangement.columns, shape)), to: url)
        case (.png, .strip):
            let pixels = shape.reduce(1, *)
            let rows = (0..<count).flatMap { image in
                sets.flatMap { $0[image * pixels..<(image + 1) * pixels] }
            }
            try AtomicFile.write(PNG.encode(picture(rows, columns: sets.count, shape)), to: url)
        case (.png, .animation):
            let frames = try sets.map { try picture($0, columns: arrangement.columns, shape) }
            // The digits stay to be looked at before the path begins anew.
            let held = frames + [RasterImage](repeating: frames[frames.count - 1], count: 20)
            try AtomicFile.write(APNG.encode(frames: held, delayMilliseconds: 60, loops: 0), to: url)
        }
    }

    private func picture(_ images: [Float], columns: Int, _ shape: [Int]) throws -> RasterImage {
        let count = images.count / shape.reduce(1, *)
        let rows = (count + columns - 1) / columns
        let padding = [Float](repeating: -1, count: (rows * columns - count) * shape.reduce(1, *))
        return try ContactSheet(rows: rows, columns: columns, scale: 2)
            .image(of: PixelRange.quantized(images + padding), width: shape[2], height: shape[1])
    }

    /// The file itself, or with several scales one for each.
    private func output(_ scale: Double, several: Bool) -> URL {
        let url = URL(fileURLWithPath: command.out ?? "grid.\(command.format.rawValue)")
        guard several else { return url }
        let name = url.deletingPathExtension().lastPathComponent + String(format: "-guidance-%g", scale)
        let ending = url.pathExtension.isEmpty ? command.format.rawValue : url.pathExtension
        return url.deletingLastPathComponent().appendingPathComponent(name).appendingPathExtension(ending)
    }
}
