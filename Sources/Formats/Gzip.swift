/// Gzip files (RFC 1952).
package enum Gzip {
    /// Whether `bytes` starts as a gzip file does.
    package static func isGzip(_ bytes: some Sequence<UInt8>) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

    /// What the gzip file `bytes` holds; several members are joined.
    ///
    /// - Parameters:
    ///   - maximumByteCount: a longer result is an error.
    ///   - source: the file's path, for errors.
    /// - Throws: `FormatError.compressedStream`, `FormatError.zlibUnavailable`.
    package static func decompress(
        _ bytes: [UInt8], maximumByteCount: Int = 1 << 31, source: String = "the given bytes"
    ) throws(FormatError) -> [UInt8] {
        guard isGzip(bytes) else { throw .compressedStream(source: source, .damaged) }
        return try Zlib.load().decompress(
            bytes, as: .gzip, expectedByteCount: 4 * bytes.count, maximumByteCount: maximumByteCount, source: source)
    }
}
