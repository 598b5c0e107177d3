import Datasets
import Formats
public import Foundation

/// Writes samples to files.
public struct SampleFiles: Sendable {
    /// The form of a file of samples.
    public enum Format: String, Sendable, CaseIterable {
        /// A picture, values clamped to [-1, 1].
        case png
        /// An array (count, channels, height, width).
        case npy
        /// Bytes `arr_0` (count, height, width, channels) and labels `arr_1`, as evaluators read them.
        case npz
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
        package var pieces: Int { self == .animation ? 49 : 9 }
    }

    /// What is written, before there is any of it.
    public struct Contents: Sendable {
        /// Images, and how they stand in a picture.
        public let selection: SampleSelection
        /// Channels, height and width.
        public let imageShape: [Int]

        /// Images of a shape: channels, height and width.
        public init(_ selection: SampleSelection, imageShape: [Int]) {
            self.selection = selection
            self.imageShape = imageShape
        }

        var count: Int { selection.count }
        var pixels: Int { imageShape.reduce(1, *) }
    }

    /// Given the stills of some more images, one set a stop, the images last: row-major (count, channels, height, width).
    public typealias Append = ([[Float]]) throws -> Void

    private let format: Format
    private let way: Way?

    /// Files of a form; only a picture can show the way, and without one shows the images alone.
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

    private static let mostSheets = 10_000

    /// Whether there is room for so many images.
    ///
    /// - Throws: ``SamplingRunError/noRoom(images:path:needed:available:)``,
    ///   ``SamplingRunError/tooManyPictures(_:most:)``
    public func check(_ contents: Contents, to url: URL) throws(SamplingRunError) {
        let bytes: Int
        switch format {
        case .npy: bytes = contents.pixels * 4
        case .safetensors: bytes = contents.pixels * 4 + 8
        case .npz: bytes = contents.pixels + 8
        case .png:
            let sheets = (contents.count - 1) / imagesPerSheet + 1
            guard sheets <= SampleFiles.mostSheets else {
                throw .tooManyPictures(sheets, most: SampleFiles.mostSheets)
            }
            // What a compressed picture takes is not known before; this is less than any.
            bytes = 1
        }
        let (needed, isBeyond) = contents.count.multipliedReportingOverflow(by: bytes)
        guard let available = DiskSpace.available(for: url), isBeyond || needed > available else { return }
        throw .noRoom(
            images: contents.count, path: url.relativePath, needed: isBeyond ? nil : needed, available: available)
    }

    /// Writes images while they are drawn: one file, or for pictures of many images several, `NAME-1.png`,
    /// `NAME-2.png`, ... No more than a batch is kept, or a picture's images.
    ///
    /// - Parameters:
    ///   - contents: what is going to be drawn
    ///   - url: of the file, or of what the names of several begin with
    ///   - draw: calls the closure that it is given until all images are drawn. What it throws leaves no part of a file.
    /// - Returns: the files
    /// - Throws: what the disk reports.
    public func write(
        _ contents: Contents, to url: URL, draw: (_ append: Append) throws -> Void
    ) throws -> [URL] {
        switch format {
        case .npy: try writeNPY(contents, to: url, draw)
        case .npz: try writeNPZ(contents, to: url, draw)
        case .safetensors: try writeSafetensors(contents, to: url, draw)
        case .png: return try writePictures(contents, to: url, draw)
        }
        return [url]
    }

    private func writeNPY(_ contents: Contents, to url: URL, _ draw: (Append) throws -> Void) throws {
        try AtomicFile.stream(to: url) { sink in
            try sink.append(NPY<Float>.head(shape: [contents.count] + contents.imageShape))
            try draw { batch in try sink.append(elements: batch[batch.count - 1]) }
        }
    }

    /// As the evaluator of Dhariwal and Nichol 2021 ("Diffusion models beat GANs on image synthesis") reads images:
    /// `arr_0` of bytes (count, height, width, channels), `arr_1` the labels.
    private func writeNPZ(_ contents: Contents, to url: URL, _ draw: (Append) throws -> Void) throws {
        let (channels, size) = (contents.imageShape[0], Array(contents.imageShape[1...]))
        try AtomicFile.stream(to: url) { sink in
            var archive = NPZFraming()
            try sink.append(archive.begin("arr_0", UInt8.self, shape: [contents.count] + size + [channels]))
            try draw { batch in
                let bytes = channelsLast(PixelRange.quantized(batch[batch.count - 1]), contents.imageShape)
                bytes.withUnsafeBytes { archive.pass($0) }
                try sink.append(bytes)
            }
            try sink.append(archive.end())
            try sink.append(archive.begin("arr_1", Int64.self, shape: [contents.count]))
            try forEachLabels(contents) { labels in
                labels.withUnsafeBytes { archive.pass($0) }
                try sink.append(elements: labels)
            }
            try sink.append(archive.end())
            try sink.append(archive.directory)
        }
    }

    private func writeSafetensors(_ contents: Contents, to url: URL, _ draw: (Append) throws -> Void) throws {
        let tensors: [SafetensorsFile.Description] = [
            .init(name: "labels", dataType: .int64, shape: [contents.count]),
            .init(name: "images", dataType: .float32, shape: [contents.count] + contents.imageShape),
        ]
        let head = try SafetensorsFile.head(of: tensors, source: url.path)
        try AtomicFile.stream(to: url) { sink in
            try sink.append(head)
            try forEachLabels(contents) { try sink.append(elements: $0) }
            try draw { batch in try sink.append(elements: batch[batch.count - 1]) }
        }
    }

    private func forEachLabels(_ contents: Contents, _ body: ([Int64]) throws -> Void) rethrows {
        for first in stride(from: 0, to: contents.count, by: 4096) {
            let range = first..<min(first + 4096, contents.count)
            try body(contents.selection.labelsOfRecord(range).map(Int64.init))
        }
    }

    /// (count, channels, height, width) as (count, height, width, channels).
    private func channelsLast(_ bytes: [UInt8], _ shape: [Int]) -> [UInt8] {
        let (channels, area) = (shape[0], shape[1] * shape[2])
        guard channels > 1 else { return bytes }
        return bytes.indices.map { index in
            let (image, within) = index.quotientAndRemainder(dividingBy: channels * area)
            return bytes[image * channels * area + within % channels * area + within / channels]
        }
    }

    private func writePictures(_ contents: Contents, to url: URL, _ draw: (Append) throws -> Void) throws -> [URL] {
        let sheetCount = (contents.count - 1) / imagesPerSheet + 1
        var files: [URL] = []
        var waiting: [[Float]] = []
        func write(_ images: Int) throws {
            let file = sheetCount == 1 ? url : url.appendingToName("-\(files.count + 1)")
            let part = waiting.map { Array($0.prefix(images * contents.pixels)) }
            try AtomicFile.write(picture(part, contents), to: file)
            waiting = waiting.map { Array($0.dropFirst(images * contents.pixels)) }
            files.append(file)
        }
        try draw { batch in
            waiting = waiting.isEmpty ? batch : zip(waiting, batch).map { $0 + $1 }
            while waiting[0].count >= imagesPerSheet * contents.pixels { try write(imagesPerSheet) }
        }
        if let first = waiting.first, !first.isEmpty { try write(first.count / contents.pixels) }
        return files
    }

    /// The encoded picture of some images, or of stills of their way, one set a stop.
    private func picture(_ sets: [[Float]], _ contents: Contents) throws -> [UInt8] {
        let (pixels, shape) = (contents.pixels, contents.imageShape)
        let images = sets[sets.count - 1]
        let columns = min(contents.selection.columns, images.count / pixels)
        switch way {
        case nil: return try PNG.encode(sheet(images, columns: columns, shape))
        case .strip:
            let rows = (0..<images.count / pixels).flatMap { image in
                sets.flatMap { $0[image * pixels..<(image + 1) * pixels] }
            }
            return try PNG.encode(sheet(rows, columns: sets.count, shape))
        case .animation:
            let frames = try sets.map { try sheet($0, columns: columns, shape) }
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

extension FileSink {
    /// Appends numbers as they are in memory.
    fileprivate borrowing func append<Element: BitwiseCopyable>(elements: [Element]) throws(FormatError) {
        try elements.withUnsafeBufferPointer { (buffer) throws(FormatError) in
            try append(UnsafeRawBufferPointer(buffer))
        }
    }
}

extension URL {
    /// `folder/name.png` as `folder/nameSUFFIX.png`.
    package func appendingToName(_ suffix: String) -> URL {
        let name = deletingPathExtension().lastPathComponent + suffix
        let url = deletingLastPathComponent().appendingPathComponent(name)
        return pathExtension.isEmpty ? url : url.appendingPathExtension(pathExtension)
    }
}
