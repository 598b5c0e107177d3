extension PNG {
    /// The image in the PNG file `bytes`. Ancillary chunks are skipped, so of an animation the first image is taken.
    ///
    /// - Throws: `FormatError.png`, `.compressedStream`, `.zlibUnavailable`.
    package static func decode(_ bytes: [UInt8]) throws(FormatError) -> RasterImage {
        guard bytes.starts(with: signature) else { throw .png(.signature) }
        var header: Header?
        var compressed: [UInt8] = []
        var reader = ChunkReader(bytes: bytes, position: signature.count)
        var previous = ""
        while true {
            let (type, data) = try reader.next()
            if header == nil && type != "IHDR" { throw .png(.chunkOrder(chunk: "IHDR")) }
            switch type {
            case "IHDR":
                if header != nil { throw .png(.chunkOrder(chunk: type)) }
                header = try Header(data)
            case "IDAT":
                if !compressed.isEmpty && previous != "IDAT" { throw .png(.chunkOrder(chunk: type)) }
                compressed += data
            case "IEND":
                guard let header, !compressed.isEmpty else { throw .png(.chunkOrder(chunk: "IDAT")) }
                return try image(header, compressed)
            // A palette in a true-color image is only a suggestion.
            case "PLTE": break
            default:
                // The case of the first letter tells whether a chunk may be skipped: upper case must be understood.
                if let first = type.utf8.first, first & 0x20 == 0 { throw .png(.criticalChunk(type)) }
            }
            previous = type
        }
    }

    private static func image(_ header: Header, _ compressed: [UInt8]) throws(FormatError) -> RasterImage {
        let rowByteCount = header.width * header.channels
        let expected = header.height * (1 + rowByteCount)
        // Deflate shrinks by 1032 at most: a small file must not reserve the memory of a large image.
        let rows = try Zlib.load().decompress(
            compressed, as: .zlib, expectedByteCount: min(expected, 1032 * compressed.count),
            maximumByteCount: expected, source: "PNG")
        guard rows.count == expected else {
            throw .png(.pixelByteCount(found: rows.count, expected: expected))
        }
        let pixels = try PNGFilter.pixels(
            of: rows, height: header.height, rowByteCount: rowByteCount, step: header.channels)
        return try RasterImage(
            width: header.width, height: header.height, channels: header.channels, pixels: pixels)
    }

    private struct Header {
        let width: Int
        let height: Int
        let channels: Int

        init(_ data: ArraySlice<UInt8>) throws(FormatError) {
            guard data.count == 13 else { throw .png(.header) }
            let start = data.startIndex
            width = Int(data.bigEndian(UInt32.self, at: start))
            height = Int(data.bigEndian(UInt32.self, at: start + 4))
            let (depth, color, interlace) = (Int(data[start + 8]), Int(data[start + 9]), Int(data[start + 12]))
            guard data[start + 10] == 0, data[start + 11] == 0 else { throw .png(.header) }
            guard depth == 8, interlace == 0, let channels = [0: 1, 2: 3, 6: 4][color] else {
                throw .png(.unsupported(bitDepth: depth, colorType: color, interlace: interlace))
            }
            guard RasterImage.isPossible(width: width, height: height, channels: channels) else {
                throw .png(.size(width: width, height: height))
            }
            self.channels = channels
        }
    }

    private struct ChunkReader {
        let bytes: [UInt8]
        var position: Int

        mutating func next() throws(FormatError) -> (type: String, data: ArraySlice<UInt8>) {
            guard bytes.count - position >= 12 else { throw .png(.truncated) }
            let length = Int(bytes.bigEndian(UInt32.self, at: position))
            guard bytes.count - position - 12 >= length else { throw .png(.truncated) }
            let typeStart = position + 4
            let dataEnd = typeStart + 4 + length
            let type = String(decoding: bytes[typeStart..<typeStart + 4], as: UTF8.self)
            guard CRC32.checksum(bytes[typeStart..<dataEnd]) == bytes.bigEndian(UInt32.self, at: dataEnd) else {
                throw .png(.checksum(chunk: type))
            }
            position = dataEnd + 4
            return (type, bytes[typeStart + 4..<dataEnd])
        }
    }
}
