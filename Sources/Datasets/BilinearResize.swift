/// Pillow's bilinear resize of 8-bit gray images, bit for bit.
///
/// Every output pixel is a weighted mean of the input under a triangle whose half-width is one input pixel, or one
/// output pixel when shrinking. Weights are fixed-point numbers of 22 fractional bits; the rows are resampled first
/// and rounded to 8 bits, then the columns.
package struct BilinearResize: Sendable {
    private static let fractionBitCount = 22

    private let width: Int
    private let height: Int
    private let horizontal: [Window]
    private let vertical: [Window]

    /// The input pixels that make one output pixel.
    private struct Window {
        var start: Int
        /// Fixed-point, adding up to about 1.
        var weights: [Int]
    }

    /// - Throws: `DatasetError.resize` unless all sides are between 1 and 65,536.
    package init(width: Int, height: Int, toWidth newWidth: Int, toHeight newHeight: Int) throws(DatasetError) {
        for (width, height) in [(width, height), (newWidth, newHeight)] {
            let sides = 1...1 << 16
            guard sides.contains(width), sides.contains(height) else { throw .resize(width: width, height: height) }
        }
        self.width = width
        self.height = height
        horizontal = Self.windows(from: width, to: newWidth)
        vertical = Self.windows(from: height, to: newHeight)
    }

    private static func windows(from inputSize: Int, to outputSize: Int) -> [Window] {
        let scale = Double(inputSize) / Double(outputSize)
        let support = max(scale, 1)
        return (0..<outputSize).map { index in
            let center = (Double(index) + 0.5) * scale
            let start = max(Int(center - support + 0.5), 0)
            let end = min(Int(center + support + 0.5), inputSize)
            let weights = (start..<end).map { max(0, 1 - abs((Double($0) - center + 0.5) / support)) }
            let sum = weights.reduce(0, +)
            return Window(
                start: start, weights: weights.map { Int(0.5 + $0 / sum * Double(1 << fractionBitCount)) })
        }
    }

    /// The resized images.
    ///
    /// - Parameter images: any number of images, count x height x width, row-major.
    /// - Returns: count x new height x new width.
    package func callAsFunction(_ images: [UInt8]) -> [UInt8] {
        let (newWidth, newHeight) = (horizontal.count, vertical.count)
        let count = images.count / (width * height)
        precondition(images.count == count * width * height, "the pixels must be whole images of the declared size")
        var rows = [UInt8](repeating: 0, count: height * newWidth)
        var result = [UInt8](repeating: 0, count: count * newHeight * newWidth)
        images.withUnsafeBufferPointer { images in
            rows.withUnsafeMutableBufferPointer { rows in
                result.withUnsafeMutableBufferPointer { result in
                    for image in 0..<count {
                        resampleRows(of: images, at: image * height * width, into: rows)
                        resampleColumns(of: UnsafeBufferPointer(rows), into: result, at: image * newHeight * newWidth)
                    }
                }
            }
        }
        return result
    }

    private func resampleRows(
        of images: UnsafeBufferPointer<UInt8>, at offset: Int, into rows: UnsafeMutableBufferPointer<UInt8>
    ) {
        for (x, window) in horizontal.enumerated() {
            for y in 0..<height {
                let start = offset + y * width + window.start
                rows[y * horizontal.count + x] = Self.pixel(window) { images[start + $0] }
            }
        }
    }

    private func resampleColumns(
        of rows: UnsafeBufferPointer<UInt8>, into result: UnsafeMutableBufferPointer<UInt8>, at offset: Int
    ) {
        let newWidth = horizontal.count
        for (y, window) in vertical.enumerated() {
            for x in 0..<newWidth {
                let start = window.start * newWidth + x
                result[offset + y * newWidth + x] = Self.pixel(window) { rows[start + $0 * newWidth] }
            }
        }
    }

    @inline(__always)
    private static func pixel(_ window: Window, _ input: (Int) -> UInt8) -> UInt8 {
        var sum = 1 << (fractionBitCount - 1)
        for (index, weight) in window.weights.enumerated() { sum += Int(input(index)) * weight }
        return UInt8(clamping: sum >> fractionBitCount)
    }
}
