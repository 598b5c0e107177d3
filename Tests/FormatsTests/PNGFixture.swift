import Formats

/// Hand-made PNG files, and a look at the chunks of others.
enum PNGFixture {
    static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + data
        return bigEndian(UInt32(data.count)) + body + bigEndian(CRC32.checksum(body))
    }

    /// A file of the filtered `rows`.
    static func file(
        width: UInt32, height: UInt32, rows: [UInt8], bitDepth: UInt8 = 8, colorType: UInt8 = 0,
        extraChunk: String? = nil
    ) -> [UInt8] {
        let header = bigEndian(width) + bigEndian(height) + [bitDepth, colorType, 0, 0, 0]
        return file(header: header, compressed: stored(rows), extraChunk: extraChunk)
    }

    static func file(header: [UInt8], compressed: [UInt8], extraChunk: String? = nil) -> [UInt8] {
        let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        let extra = extraChunk.map { chunk($0, [1, 2]) } ?? []
        return signature + chunk("IHDR", header) + extra + chunk("IDAT", compressed) + chunk("IEND", [])
    }

    /// `bytes` in a zlib stream of one stored block.
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        let length = UInt16(bytes.count)
        let lengths = [length, ~length].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let (a, b) = bytes.reduce((UInt32(1), UInt32(0))) { sums, byte in
            let a = (sums.0 + UInt32(byte)) % 65521
            return (a, (sums.1 + a) % 65521)
        }
        return [0x78, 0x01, 0x01] + lengths + bytes + bigEndian(b << 16 | a)
    }

    static func chunks(of file: [UInt8]) -> [(type: String, data: [UInt8])] {
        var chunks: [(type: String, data: [UInt8])] = []
        var rest = file.dropFirst(8)
        while rest.count >= 12 {
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            let type = String(decoding: rest.dropFirst(4).prefix(4), as: UTF8.self)
            chunks.append((type, Array(rest.dropFirst(8).prefix(length))))
            rest = rest.dropFirst(12 + length)
        }
        return chunks
    }
}
