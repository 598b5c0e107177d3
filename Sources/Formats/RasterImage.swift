/// An image of 8-bit values: gray, RGB or RGBA.
public struct RasterImage: Sendable, Equatable {
    public let width: Int
    public let height: Int
    /// 1 (gray), 3 (RGB) or 4 (RGBA).
    public let channels: Int
    /// The values, height x width x channels, row-major from the top left.
    public let pixels: [UInt8]

    /// - Throws: `FormatError.image` when the arguments do not fit together.
    public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) throws(FormatError) {
        guard [1, 3, 4].contains(channels) else { throw .image(.channels(channels)) }
        guard Self.isPossible(width: width, height: height, channels: channels) else {
            throw .image(.size(width: width, height: height))
        }
        guard pixels.count == width * height * channels else {
            throw .image(.pixelCount(found: pixels.count, expected: width * height * channels))
        }
        self.width = width
        self.height = height
        self.channels = channels
        self.pixels = pixels
    }

    /// Whether both sides are between 1 and 65,536 and there are at most 2^30 values, so that every size computed
    /// from an image fits the fields of its file.
    package static func isPossible(width: Int, height: Int, channels: Int) -> Bool {
        let sides = 1...1 << 16
        return sides.contains(width) && sides.contains(height) && width * height * channels <= 1 << 30
    }

    /// The number of values in a row.
    var rowByteCount: Int { width * channels }
}
