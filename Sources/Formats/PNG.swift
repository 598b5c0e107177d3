/// Portable Network Graphics (W3C PNG, third edition): 8-bit gray, RGB and RGBA, not interlaced.
package enum PNG {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// The PNG file of `image`.
    ///
    /// - Throws: `FormatError.zlibUnavailable`.
    package static func encode(_ image: RasterImage) throws(FormatError) -> [UInt8] {
        var bytes = signature
        bytes.appendChunk("IHDR", header(of: image))
        bytes.appendChunk("IDAT", try compressedRows(of: image))
        bytes.appendChunk("IEND", [])
        return bytes
    }

    static func header(of image: RasterImage) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(UInt32(image.width))
        bytes.appendBigEndian(UInt32(image.height))
        // Bit depth, color type, and the only methods there are: compression 0, filter 0; no interlacing.
        let colorType: UInt8 = image.channels == 1 ? 0 : image.channels == 3 ? 2 : 6
        return bytes + [8, colorType, 0, 0, 0]
    }

    static func compressedRows(of image: RasterImage) throws(FormatError) -> [UInt8] {
        let zlib = try Zlib.load()
        return try zlib.compress(PNGFilter.filteredRows(of: image))
    }
}

extension [UInt8] {
    /// Appends a PNG chunk: length, type, data, checksum of type and data.
    mutating func appendChunk(_ type: StaticString, _ data: [UInt8]) {
        appendBigEndian(UInt32(data.count))
        let start = count
        append(contentsOf: String(describing: type).utf8)
        append(contentsOf: data)
        appendBigEndian(CRC32.checksum(self[start...]))
    }
}
