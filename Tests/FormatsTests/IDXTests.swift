import Formats
import Foundation
import Testing

@Suite struct IDXTests {
    /// The IDX file of [[7, 8, 9]] as gzip writes it.
    private static let compressed: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x63, 0x60, 0xe0, 0x60, 0x62, 0x60, 0x60,
        0x60, 0x04, 0x62, 0x66, 0x76, 0x0e, 0x4e, 0x00, 0x4c, 0xc5, 0xbe, 0x0b, 0x0f, 0x00, 0x00, 0x00,
    ]

    private func problem(_ bytes: [UInt8], rank: Int) -> IDXProblem? {
        do {
            _ = try IDXFile(bytes: bytes, rank: rank)
        } catch FormatError.idx(_, let problem) {
            return problem
        } catch {}
        return nil
    }

    @Test func filesComeBack() throws {
        try withTemporaryFolder { folder in
            for shape in [[5], [3, 4, 2], [0], [2, 0, 3]] {
                let count = shape.reduce(1, *)
                let file = try IDXFile(shape: shape, values: (0..<count).map { UInt8($0) })
                let url = folder.appendingPathComponent("file")
                try file.write(to: url)
                #expect(try IDXFile(contentsOf: url, rank: shape.count) == file)
            }
        }
    }

    @Test func bytesAreAsTheFormatSays() throws {
        let file = try IDXFile(shape: [1, 3], values: [7, 8, 9])
        #expect(file.encoded == [0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8, 9])
    }

    @Test func gzipIsToldByContent() throws {
        let file = try IDXFile(shape: [1, 3], values: [7, 8, 9])
        #expect(try IDXFile(bytes: Self.compressed, rank: 2) == file)
        #expect(try Gzip.decompress(Self.compressed) == file.encoded)
        #expect(try Gzip.decompress(Self.compressed + Self.compressed) == file.encoded + file.encoded)
        #expect(try Gzip.decompress(Self.compressed, maximumByteCount: 15) == file.encoded)
    }

    @Test func damagedGzipIsRefused() {
        let limit = FormatError.compressedStream(source: "the given bytes", .larger(thanBytes: 14))
        #expect(throws: limit) { try Gzip.decompress(Self.compressed, maximumByteCount: 14) }
        let trailing = FormatError.compressedStream(source: "the given bytes", .trailingBytes(count: 1))
        #expect(throws: trailing) { try Gzip.decompress(Self.compressed + [0]) }
        for count in 2..<Self.compressed.count {
            let truncated = FormatError.compressedStream(source: "the given bytes", .truncated)
            #expect(throws: truncated) { try Gzip.decompress(Array(Self.compressed.prefix(count))) }
        }
        var changed = Self.compressed
        changed[changed.count - 6] ^= 1
        #expect(throws: FormatError.compressedStream(source: "the given bytes", .damaged)) {
            try Gzip.decompress(changed)
        }
        #expect(throws: FormatError.self) { try Gzip.decompress([1, 2, 3]) }
    }

    @Test func malformedFilesAreRefused() throws {
        let good: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 2, 7, 8]
        #expect(try IDXFile(bytes: good, rank: 1).values == [7, 8])
        #expect(problem([], rank: 1) == .magic([]))
        #expect(problem([1] + good.dropFirst(), rank: 1) == .magic([1, 0, 8, 1]))
        #expect(problem([0, 0, 13, 1, 0, 0, 0, 0], rank: 1) == .elementType(13))
        #expect(problem(good, rank: 3) == .rank(found: 1, expected: 3))
        #expect(problem(Array(good.dropLast()), rank: 1) == .truncated(found: 9, expected: 10))
        #expect(problem(Array(good.prefix(6)), rank: 1) == .truncated(found: 6, expected: 8))
        #expect(problem(good + [9], rank: 1) == .trailingBytes(count: 1))
        let huge: [UInt8] = [0, 0, 8, 3] + [UInt8](repeating: 255, count: 12)
        #expect(problem(huge, rank: 3) == .truncated(found: 16, expected: .max))
        #expect(throws: FormatError.self) { try IDXFile(shape: [2], values: [1]) }
        #expect(throws: FormatError.self) { try IDXFile(shape: [], values: [1]) }
    }
}
