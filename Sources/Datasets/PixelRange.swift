/// The two scales of a pixel: bytes 0...255, and the values -1...1 that models see.
public enum PixelRange {
    /// `pixel / 255 * 2 - 1` for each pixel.
    public static func normalized(_ pixels: [UInt8]) -> [Float] {
        pixels.map { Float($0) / 255 * 2 - 1 }
    }

    /// The nearest bytes to `values`, which are first clamped to -1...1; a value that is not a number becomes 0.
    public static func quantized(_ values: [Float]) -> [UInt8] {
        values.map { value in
            value.isNaN ? 0 : UInt8(((min(max(value, -1), 1) + 1) / 2 * 255).rounded())
        }
    }
}
