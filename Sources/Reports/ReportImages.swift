public import Formats

/// The pictures that a report names, as PNG, by file name.
public struct ReportImages: Sendable {
    private var files: [String: [UInt8]] = [:]

    /// No images yet.
    public init() {}

    /// Adds a picture under a file name.
    ///
    /// - Throws: `ReportError.fileName` for a name that is not a plain `.png` file name,
    ///   `ReportError.file` where the picture cannot be encoded.
    public mutating func add(_ image: RasterImage, as file: String) throws(ReportError) {
        let bytes: [UInt8]
        do throws(FormatError) {
            bytes = try PNG.encode(image)
        } catch {
            throw .file(error)
        }
        try add(png: bytes, as: file)
    }

    /// Adds a picture that is already encoded.
    ///
    /// - Throws: `ReportError.fileName` for a name that is not a plain `.png` file name,
    ///   `ReportError.file` where the bytes are not a PNG picture.
    public mutating func add(png bytes: [UInt8], as file: String) throws(ReportError) {
        let isPlain = file.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
        guard isPlain, file.hasSuffix(".png"), !file.hasPrefix("."), file.count <= 200 else { throw .fileName(file) }
        guard Array(bytes.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] else {
            throw .file(.png(.signature))
        }
        files[file] = bytes
    }

    /// The file names, sorted.
    public var names: [String] { files.keys.sorted() }

    /// The picture of that file name.
    ///
    /// - Throws: `ReportError.missingImage`.
    public func png(_ file: String) throws(ReportError) -> [UInt8] {
        guard let bytes = files[file] else { throw .missingImage(file) }
        return bytes
    }
}
