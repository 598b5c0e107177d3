/// Animated PNG (W3C PNG, third edition): a PNG file with more frames in chunks that other readers skip.
package enum APNG {
    /// The animation of `frames`, which must be of one size and number of channels.
    ///
    /// - Parameters:
    ///   - delayMilliseconds: how long each frame is shown.
    ///   - loops: how often the animation is played; 0 is without end.
    /// - Throws: `FormatError.png` for no frame or unequal frames, `.zlibUnavailable`.
    package static func encode(
        frames: [RasterImage], delayMilliseconds: UInt16, loops: UInt32 = 0
    ) throws(FormatError) -> [UInt8] {
        guard let first = frames.first else { throw .png(.noFrames) }
        var bytes = PNG.signature
        bytes.appendChunk("IHDR", PNG.header(of: first))

        var animation: [UInt8] = []
        animation.appendBigEndian(UInt32(frames.count))
        animation.appendBigEndian(loops)
        bytes.appendChunk("acTL", animation)

        // One sequence runs through the frame controls and the frame data; the first frame's data is not numbered.
        var sequence: UInt32 = 0
        for (index, frame) in frames.enumerated() {
            guard (frame.width, frame.height, frame.channels) == (first.width, first.height, first.channels) else {
                throw .png(.frameSize(index: index))
            }
            bytes.appendChunk("fcTL", control(sequence: sequence, frame, delayMilliseconds: delayMilliseconds))
            sequence += 1
            let data = try PNG.compressedRows(of: frame)
            if index == 0 {
                bytes.appendChunk("IDAT", data)
            } else {
                var numbered: [UInt8] = []
                numbered.appendBigEndian(sequence)
                bytes.appendChunk("fdAT", numbered + data)
                sequence += 1
            }
        }
        bytes.appendChunk("IEND", [])
        return bytes
    }

    private static func control(sequence: UInt32, _ frame: RasterImage, delayMilliseconds: UInt16) -> [UInt8] {
        var bytes: [UInt8] = []
        // Sequence, size, offset (0, 0).
        for field in [sequence, UInt32(frame.width), UInt32(frame.height), 0, 0] { bytes.appendBigEndian(field) }
        bytes.appendBigEndian(delayMilliseconds)
        bytes.appendBigEndian(UInt16(1000))
        // Leave the frame in place; replace what is below.
        return bytes + [0, 0]
    }
}
