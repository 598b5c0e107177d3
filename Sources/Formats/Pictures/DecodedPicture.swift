/// A picture as a file holds it: 8 bits a value, of any size, with or without alpha.
package struct DecodedPicture: Sendable, Equatable {
    package let width: Int
    package let height: Int
    /// 1: gray, 2: gray and alpha, 3: red, green and blue, 4: those and alpha, which nothing is multiplied by.
    package let channels: Int
    /// The values, height x width x channels, row-major from the top left.
    package let pixels: [UInt8]

    /// - Throws: `FormatError.image` when the arguments do not fit together.
    package init(width: Int, height: Int, channels: Int, pixels: [UInt8]) throws(FormatError) {
        guard (1...4).contains(channels) else { throw .image(.channels(channels)) }
        guard width > 0, height > 0, let count = checkedElementCount([height, width, channels]) else {
            throw .image(.size(width: width, height: height))
        }
        guard pixels.count == count else { throw .image(.pixelCount(found: pixels.count, expected: count)) }
        self.init(width, height, channels, pixels)
    }

    /// What is known to fit together.
    init(_ width: Int, _ height: Int, _ channels: Int, _ pixels: [UInt8]) {
        self.width = width
        self.height = height
        self.channels = channels
        self.pixels = pixels
    }
}
