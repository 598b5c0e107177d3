import Datasets
import Formats
public import Foundation

/// Writes samples to files.
public struct SampleFiles: Sendable {
    public enum Format: String, Sendable, CaseIterable {
        /// A picture, values clamped to [-1, 1].
        case png
        /// An array (count, channels, height, width).
        case npy
        /// Tensors `images` and `labels`.
        case safetensors
    }

    /// How the way from noise to image is shown in a picture.
    public enum Way: String, Sendable, CaseIterable {
        /// An animated PNG.
        case animation
        /// A row of stills for each image.
        case strip

        /// Into how many stretches the way is cut.
        public var pieces: Int { self == .animation ? 49 : 9 }
    }

    private let format: Format
    private let way: Way?

    public init(_ format: Format, way: Way? = nil) {
        self.format = format
        self.way = way
    }

    /// The most images, or rows of stills, in one picture; more are spread over several.
    private var imagesPerSheet: Int {
        switch way {
        case nil: 1600
        case .animation: 400
        case .strip: 40
        }
    }

    /// Writes one file, or for pictures of many images several: `NAME-1.png`, `NAME-2.png`, ...
    ///
    /// - Returns: the files
    /// - Throws: what the disk reports.
    public func write(_ samples: Samples, to url: URL) throws -> [URL] {
        let (count, shape) = (samples.selection.labels.count, samples.imageShape)
        switch format {
        case .npy: try NPY<Float>(shape: [count] + shape, values: samples.images).write(to: url)
        case .safetensors:
            let tensors = [
                try TensorEntry(name: "images", shape: [count] + shape, values: samples.images),
                try TensorEntry(name: "labels", shape: [count], values: samples.selection.labels.map(Int64.init)),
            ]
            try SafetensorsFile.write(tensors, to: url)
        case .png:
            let sheets = stride(from: 0, to: count, by: imagesPerSheet).map {
                $0..<min($0 + imagesPerSheet, count)
            }
            let files = sheets.indices.map { sheets.count == 1 ? url : url.appendingToName("-\($0 + 1)") }
            for (range, file) in zip(sheets, files) { try AtomicFile.write(picture(samples, range), to: file) }
            return files
        }
        return [url]
    }

    /// The encoded picture of some of the images.
    private func picture(_ samples: Samples, _ range: Range<Int>) throws -> [UInt8] {
        let pixels = samples.imageShape.reduce(1, *)
        func part(_ set: [Float]) -> ArraySlice<Float> { set[range.lowerBound * pixels..<range.upperBound * pixels] }
        let columns = min(samples.selection.columns, range.count)
        switch way {
        case nil: return try PNG.encode(sheet(Array(part(samples.images)), columns: columns, samples.imageShape))
        case .strip:
            let rows = range.flatMap { image in
                samples.sets.flatMap { $0[image * pixels..<(image + 1) * pixels] }
            }
            return try PNG.encode(sheet(rows, columns: samples.sets.count, samples.imageShape))
        case .animation:
            let frames = try samples.sets.map { try sheet(Array(part($0)), columns: columns, samples.imageShape) }
            // The images stay to be looked at before the way begins anew.
            let held = frames + [RasterImage](repeating: frames[frames.count - 1], count: 20)
            return try APNG.encode(frames: held, delayMilliseconds: 60, loops: 0)
        }
    }

    private func sheet(_ images: [Float], columns: Int, _ shape: [Int]) throws -> RasterImage {
        let count = images.count / shape.reduce(1, *)
        let rows = (count + columns - 1) / columns
        let padding = [Float](repeating: -1, count: (rows * columns - count) * shape.reduce(1, *))
        return try ContactSheet(rows: rows, columns: columns, scale: 2)
            .image(of: PixelRange.quantized(images + padding), channels: shape[0], width: shape[2], height: shape[1])
    }
}

extension URL {
    /// `folder/name.png` as `folder/nameSUFFIX.png`.
    public func appendingToName(_ suffix: String) -> URL {
        let name = deletingPathExtension().lastPathComponent + suffix
        let url = deletingLastPathComponent().appendingPathComponent(name)
        return pathExtension.isEmpty ? url : url.appendingPathExtension(pathExtension)
    }
}
