import Formats
import Foundation

/// The decoding of some files of a folder: read, decoded, made square, on all cores.
struct FolderDecoding: Sendable {
    let folder: URL
    let files: [FolderListing.File]
    let form: PictureForm
    let skipsUnreadable: Bool
    let libraries: URL

    /// Files between two reports.
    private static let block = 512
    /// A larger file is no picture that is read.
    private static let mostBytes = 1 << 29

    private enum Outcome: Sendable {
        case square(PictureForm.Square, digest: [UInt8], width: Int, height: Int)
        case unreadable(String)
    }

    /// Decodes.
    ///
    /// - Throws: ``DatasetError/unreadable(folder:_:of:)`` with every file that cannot be read, unless such are left out and
    ///   others remain.
    func run(_ onEvent: (DatasetEvent) -> Void) throws(DatasetError) -> DecodedFolder {
        try DatasetError.checkRoom(
            for: files.count, channels: form.colors == .color ? 3 : 1, side: form.side, of: folder.lastPathComponent)
        let decoder = PictureDecoder(libraries: libraries)
        let endings = Set(files.map { ($0.path as NSString).pathExtension.lowercased() })
        for format in PictureFormat.allCases where !endings.isDisjoint(with: format.extensions) {
            try DatasetError.wrapping { () throws(FormatError) in try decoder.load(format) }
        }
        var outcomes: [Outcome] = []
        outcomes.reserveCapacity(files.count)
        for start in stride(from: 0, to: files.count, by: FolderDecoding.block) {
            let block = files[start..<min(start + FolderDecoding.block, files.count)]
            outcomes += Parallel.map(block.count) { decode(block[start + $0], decoder) }
            onEvent(.decoded(outcomes.count, of: files.count))
        }
        return try folder(of: outcomes)
    }

    private func decode(_ file: FolderListing.File, _ decoder: PictureDecoder) -> Outcome {
        do throws(UnreadablePicture) {
            let picture = try decoder.decode(bytes(of: file))
            let planes = picture.planar
            let digest = planes.withUnsafeBytes {
                ContentChecksum.digest(
                    of: $0, channels: picture.channels, height: picture.height, width: picture.width,
                    label: file.label)
            }
            return .square(
                try form.square(of: picture), digest: digest, width: picture.width, height: picture.height)
        } catch {
            return .unreadable(error.reason)
        }
    }

    private func bytes(of file: FolderListing.File) throws(UnreadablePicture) -> [UInt8] {
        let path = folder.appendingPathComponent(file.path).path
        do throws(FormatError) {
            let opened = try OpenFile(path)
            guard opened.byteCount <= FolderDecoding.mostBytes else {
                throw .cannotRead(path: path, reason: "it is larger than 512 MiB")
            }
            return try opened.bytes(at: 0, count: opened.byteCount)
        } catch {
            guard case .cannotRead(_, let reason) = error else { throw UnreadablePicture(error.description) }
            throw UnreadablePicture(reason)
        }
    }

    /// All that could be read, in one form.
    private func folder(of outcomes: [Outcome]) throws(DatasetError) -> DecodedFolder {
        var unreadable: [UnreadableFile] = []
        var channels = form.colors == .color ? 3 : 1
        for (outcome, file) in zip(outcomes, files) {
            switch outcome {
            case .square(let square, _, _, _): channels = max(channels, square.channels)
            case .unreadable(let reason): unreadable.append(UnreadableFile(path: file.path, reason: reason))
            }
        }
        guard unreadable.isEmpty || (skipsUnreadable && unreadable.count < files.count) else {
            throw .unreadable(folder: folder.path, unreadable, of: files.count)
        }
        let size = channels * form.side * form.side
        var decoded = DecodedFolder(channels: channels, leftOut: unreadable)
        decoded.pixels.reserveCapacity((files.count - unreadable.count) * size)
        for (outcome, file) in zip(outcomes, files) {
            guard case .square(let square, let digest, let width, let height) = outcome else { continue }
            for _ in 0..<channels / square.channels { decoded.pixels += square.pixels }
            decoded.labels.append(file.label)
            decoded.digests += digest
            decoded.include(width: width, height: height)
        }
        return decoded
    }
}

extension DecodedPicture {
    /// The values with one channel after another: channels x height x width.
    var planar: [UInt8] {
        guard channels > 1 else { return pixels }
        let count = width * height
        return [UInt8](unsafeUninitializedCapacity: pixels.count) { target, initialized in
            pixels.withUnsafeBufferPointer { source in
                for channel in 0..<channels {
                    for pixel in 0..<count { target[channel * count + pixel] = source[pixel * channels + channel] }
                }
            }
            initialized = pixels.count
        }
    }
}
