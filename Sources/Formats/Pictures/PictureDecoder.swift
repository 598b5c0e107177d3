import CImageCodecs
package import Foundation
import Synchronization

/// Why a file cannot be read as a picture.
package struct UnreadablePicture: Error, Equatable, Sendable {
    /// A clause, such as "it is neither PNG nor JPEG".
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}

/// Decodes PNG and JPEG files, by libpng and libjpeg-turbo.
///
/// Both are loaded at their first use, for the rest of the process: from the folder that the first decoder names, else
/// from the system.
package struct PictureDecoder: Sendable {
    /// A larger picture is refused by its header.
    package static let mostPixels = 100_000_000

    private let folder: URL
    private static let loaded = Mutex<[PictureFormat: Result<Void, FormatError>]>([:])

    /// - Parameter folder: that may hold the libraries, under the names that systems give them
    package init(libraries folder: URL) { self.folder = folder }

    /// Makes sure that a format's library is loaded.
    ///
    /// - Throws: `FormatError.libraryUnavailable`
    package func load(_ format: PictureFormat) throws(FormatError) {
        let result = PictureDecoder.loaded.withLock { loaded in
            if let result = loaded[format] { return result }
            let result = load(format, from: candidates(format))
            loaded[format] = result
            return result
        }
        try result.get()
    }

    private func candidates(_ format: PictureFormat) -> [String] {
        let file = folder.appendingPathComponent(format.library.file).path
        return (FileManager.default.fileExists(atPath: file) ? [file] : []) + [format.library.file]
    }

    private func load(_ format: PictureFormat, from candidates: [String]) -> Result<Void, FormatError> {
        var reasons: [String] = []
        for path in candidates {
            var failure = cimage_failure()
            let isLoaded =
                switch format {
                case .png: cimage_load_png(path, &failure)
                case .jpeg: cimage_load_jpeg(path, &failure)
                }
            if isLoaded { return .success(()) }
            reasons.append(failure.words)
        }
        let (name, _, package) = format.library
        return .failure(
            .libraryUnavailable(name: name, package: package, reason: reasons.joined(separator: "; ")))
    }

    /// The picture of a file's bytes, turned as its EXIF orientation says.
    ///
    /// - Throws: ``UnreadablePicture`` for what is no picture, damaged, or of more than ``mostPixels`` pixels; also where
    ///   the format's library is not there.
    package func decode(_ bytes: [UInt8]) throws(UnreadablePicture) -> DecodedPicture {
        guard let format = PictureFormat(of: bytes) else {
            throw UnreadablePicture(bytes.isEmpty ? "it is empty" : "it is neither PNG nor JPEG")
        }
        do throws(FormatError) { try load(format) } catch { throw UnreadablePicture(error.description) }
        var image = cimage()
        var failure = cimage_failure()
        let limit = UInt64(PictureDecoder.mostPixels)
        let isDecoded = bytes.withUnsafeBufferPointer { bytes in
            switch format {
            case .png: cimage_decode_png(bytes.baseAddress, bytes.count, limit, &image, &failure)
            case .jpeg: cimage_decode_jpeg(bytes.baseAddress, bytes.count, limit, &image, &failure)
            }
        }
        guard isDecoded, let pixels = image.pixels else { throw UnreadablePicture(failure.words) }
        defer { free(pixels) }
        let (width, height, channels) = (Int(image.width), Int(image.height), Int(image.channels))
        let values = [UInt8](UnsafeBufferPointer(start: pixels, count: width * height * channels))
        let orientation = PictureOrientation(of: bytes, format)
        return orientation.upright(DecodedPicture(width, height, channels, values))
    }
}

extension cimage_failure {
    fileprivate var words: String {
        withUnsafeBytes(of: text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
