import Formats
import Testing

@Suite struct PNGTests {
    private func testImage(width: Int, height: Int, channels: Int, smooth: Bool) throws -> RasterImage {
        let count = width * height * channels
        var generator = SeededGenerator(seed: UInt64(count))
        let gradient = (0..<count).map { UInt8(truncatingIfNeeded: $0 / channels * 3 + $0 % channels) }
        let pixels = smooth ? gradient : generator.bytes(count)
        return try RasterImage(width: width, height: height, channels: channels, pixels: pixels)
    }

    @Test(arguments: [1, 3, 4], [true, false])
    func imagesComeBack(channels: Int, smooth: Bool) throws {
        for (width, height) in [(1, 1), (1, 9), (9, 1), (32, 32), (37, 53)] {
            let image = try testImage(width: width, height: height, channels: channels, smooth: smooth)
            #expect(try PNG.decode(PNG.encode(image)) == image)
        }
    }

    @Test func smoothImagesAreCompressed() throws {
        let image = try testImage(width: 256, height: 256, channels: 3, smooth: true)
        #expect(try PNG.encode(image).count < image.pixels.count / 50)
    }

    /// Each filter by hand on one gray image of 2 x 2, in stored (not compressed) deflate blocks.
    @Test(
        arguments: [
            ([0, 10, 20, 0, 30, 45], [10, 20, 30, 45]), ([1, 10, 20, 1, 30, 45], [10, 30, 30, 75]),
            ([2, 10, 20, 2, 30, 45], [10, 20, 40, 65]), ([3, 10, 20, 3, 30, 45], [10, 25, 35, 75]),
            ([4, 10, 20, 4, 30, 45], [10, 30, 40, 85]), ([0, 250, 5, 2, 10, 251], [250, 5, 4, 0]),
        ] as [([UInt8], [UInt8])])
    func filtersAreUndone(rows: [UInt8], pixels: [UInt8]) throws {
        let image = try PNG.decode(PNGFixture.file(width: 2, height: 2, rows: rows))
        #expect(image.pixels == pixels)
    }

    @Test func malformedFilesAreRefused() throws {
        let rows: [UInt8] = [0, 1, 2, 0, 3, 4]
        let good = PNGFixture.file(width: 2, height: 2, rows: rows)
        #expect(try PNG.decode(good).pixels == [1, 2, 3, 4])
        for count in 0..<good.count {
            #expect(throws: FormatError.self) { try PNG.decode(Array(good.prefix(count))) }
        }
        for index in 0..<good.count - 12 {
            var changed = good
            changed[index] ^= 0x55
            #expect(throws: FormatError.self) { try PNG.decode(changed) }
        }
        #expect(throws: FormatError.png(.filter(5))) {
            try PNG.decode(PNGFixture.file(width: 2, height: 2, rows: [5, 1, 2, 0, 3, 4]))
        }
        #expect(throws: FormatError.png(.pixelByteCount(found: 5, expected: 6))) {
            try PNG.decode(PNGFixture.file(width: 2, height: 2, rows: rows.dropLast()))
        }
        #expect(throws: FormatError.compressedStream(source: "PNG", .larger(thanBytes: 6))) {
            try PNG.decode(PNGFixture.file(width: 2, height: 2, rows: rows + [0]))
        }
        #expect(throws: FormatError.png(.size(width: 0, height: 2))) {
            try PNG.decode(PNGFixture.file(width: 0, height: 2, rows: rows))
        }
        #expect(throws: FormatError.png(.size(width: 65536, height: 65536))) {
            try PNG.decode(PNGFixture.file(width: 65536, height: 65536, rows: rows))
        }
        #expect(throws: FormatError.png(.unsupported(bitDepth: 16, colorType: 0, interlace: 0))) {
            try PNG.decode(PNGFixture.file(width: 2, height: 2, rows: rows, bitDepth: 16))
        }
        #expect(throws: FormatError.png(.unsupported(bitDepth: 8, colorType: 3, interlace: 0))) {
            try PNG.decode(PNGFixture.file(width: 2, height: 2, rows: rows, colorType: 3))
        }
        #expect(throws: FormatError.png(.criticalChunk("ABCD"))) {
            try PNG.decode(PNGFixture.file(width: 2, height: 2, rows: rows, extraChunk: "ABCD"))
        }
        #expect(try PNG.decode(PNGFixture.file(width: 2, height: 2, rows: rows, extraChunk: "tEXt")).pixels.count == 4)
    }

    @Test func imagesMustBeConsistent() {
        #expect(throws: FormatError.image(.channels(2))) {
            try RasterImage(width: 1, height: 1, channels: 2, pixels: [0, 0])
        }
        #expect(throws: FormatError.image(.size(width: 0, height: 1))) {
            try RasterImage(width: 0, height: 1, channels: 1, pixels: [])
        }
        #expect(throws: FormatError.image(.pixelCount(found: 1, expected: 2))) {
            try RasterImage(width: 2, height: 1, channels: 1, pixels: [0])
        }
    }

    @Test func anAnimationHoldsItsFrames() throws {
        let frames = try [true, false, true].map { try testImage(width: 5, height: 4, channels: 1, smooth: $0) }
        let bytes = try APNG.encode(frames: frames, delayMilliseconds: 40, loops: 2)
        #expect(try PNG.decode(bytes) == frames[0], "a reader without animations sees the first frame")
        let chunks = PNGFixture.chunks(of: bytes)
        #expect(chunks.map(\.type) == ["IHDR", "acTL", "fcTL", "IDAT", "fcTL", "fdAT", "fcTL", "fdAT", "IEND"])
        #expect(chunks[1].data == [0, 0, 0, 3, 0, 0, 0, 2])
        let numbered = chunks.filter { ["fcTL", "fdAT"].contains($0.type) }
        #expect(numbered.map { Array($0.data.prefix(4)) } == (0..<5).map { [0, 0, 0, $0] })
        #expect(chunks[2].data[4...] == [0, 0, 0, 5, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40, 3, 232, 0, 0])
        // A later frame's data, made into an image of its own, is that frame.
        let second = PNGFixture.file(header: chunks[0].data, compressed: Array(chunks[5].data.dropFirst(4)))
        #expect(try PNG.decode(second) == frames[1])
    }

    @Test func framesMustBeAlike() throws {
        #expect(throws: FormatError.png(.noFrames)) { try APNG.encode(frames: [], delayMilliseconds: 1) }
        let frames = [
            try testImage(width: 2, height: 2, channels: 1, smooth: true),
            try testImage(width: 2, height: 3, channels: 1, smooth: true),
        ]
        #expect(throws: FormatError.png(.frameSize(index: 1))) {
            try APNG.encode(frames: frames, delayMilliseconds: 1)
        }
    }
}
