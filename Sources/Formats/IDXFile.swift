package import Foundation

/// An IDX file of unsigned bytes, the format in which MNIST is distributed: bytes 0, 0, 8, rank, then one big-endian
/// 32-bit extent a dimension, then the values, row-major.
package struct IDXFile: Sendable, Equatable {
    /// The extents, outermost first.
    package let shape: [Int]
    /// The values, row-major.
    package let values: [UInt8]

    private static let unsignedByte: UInt8 = 8

    /// An array of `values`.
    ///
    /// - Throws: `FormatError.idx` when `shape` does not hold as many elements as `values`, has no dimension or more
    ///   than 255, or an extent beyond 32 bits.
    package init(shape: [Int], values: [UInt8]) throws(FormatError) {
        guard (1...255).contains(shape.count), shape.allSatisfy({ UInt32(exactly: $0) != nil }),
            checkedElementCount(shape) == values.count
        else { throw .idx(source: "the given array", .size(shape: shape, valueCount: values.count)) }
        self.shape = shape
        self.values = values
    }

    /// Reads the file at `url`, plain or gzip (told apart by content).
    ///
    /// - Parameter rank: the number of dimensions the file must have; nil for any.
    /// - Throws: `FormatError.cannotRead`, `.idx`, `.compressedStream`, `.zlibUnavailable`.
    package init(contentsOf url: URL, rank: Int?) throws(FormatError) {
        try self.init(bytes: try OpenFile.bytes(of: url.path), rank: rank, source: url.path)
    }

    /// Reads `bytes`, plain or gzip (told apart by content).
    ///
    /// - Parameters:
    ///   - rank: the number of dimensions the file must have; nil for any.
    ///   - source: named in errors.
    /// - Throws: `FormatError.idx`, `.compressedStream`, `.zlibUnavailable`.
    package init(bytes: [UInt8], rank: Int?, source: String = "the given bytes") throws(FormatError) {
        let plain = Gzip.isGzip(bytes) ? try Gzip.decompress(bytes, source: source) : bytes
        do throws(IDXProblem) {
            (shape, values) = try Self.parse(plain, rank: rank)
        } catch {
            throw .idx(source: source, error)
        }
    }

    private static func parse(
        _ bytes: [UInt8], rank expected: Int?
    ) throws(IDXProblem) -> (shape: [Int], values: [UInt8]) {
        guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0 else { throw .magic(Array(bytes.prefix(4))) }
        guard bytes[2] == unsignedByte else { throw .elementType(bytes[2]) }
        let rank = Int(bytes[3])
        guard rank == expected ?? rank else { throw .rank(found: rank, expected: expected ?? rank) }
        let headerByteCount = 4 + 4 * rank
        guard bytes.count >= headerByteCount else {
            throw .truncated(found: bytes.count, expected: headerByteCount)
        }
        let shape = (0..<rank).map { Int(bytes.bigEndian(UInt32.self, at: 4 + 4 * $0)) }
        let count = checkedElementCount(shape).flatMap { $0 <= Int.max - headerByteCount ? $0 : nil } ?? Int.max
        let stored = bytes.count - headerByteCount
        guard stored >= count else {
            throw .truncated(found: bytes.count, expected: count == Int.max ? count : headerByteCount + count)
        }
        guard stored == count else { throw .trailingBytes(count: stored - count) }
        return (shape, Array(bytes[headerByteCount...]))
    }

    /// The file's bytes, uncompressed.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = [0, 0, Self.unsignedByte, UInt8(shape.count)]
        for extent in shape { bytes.appendBigEndian(UInt32(extent)) }
        return bytes + values
    }

    /// Replaces the file at `url`, atomically and uncompressed.
    ///
    /// - Throws: `FormatError.cannotWrite`.
    package func write(to url: URL) throws(FormatError) {
        try AtomicFile.write(encoded, to: url)
    }
}
