/// PNG's row filters: each byte is predicted from the byte one pixel to the left (a), the one above (b) and the one
/// above left (c), and the difference is stored.
enum PNGFilter: Int, CaseIterable {
    case none = 0
    case sub = 1
    case up = 2
    case average = 3
    case paeth = 4

    @inline(__always)
    func predict(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> UInt8 {
        switch self {
        case .none: return 0
        case .sub: return a
        case .up: return b
        case .average: return UInt8((Int(a) + Int(b)) / 2)
        case .paeth:
            let (toLeft, toAbove) = (abs(Int(b) - Int(c)), abs(Int(a) - Int(c)))
            let toAboveLeft = abs(Int(a) + Int(b) - 2 * Int(c))
            return toLeft <= toAbove && toLeft <= toAboveLeft ? a : toAbove <= toAboveLeft ? b : c
        }
    }

    /// The rows of `image`, each led by its filter's number. For each row the filter is taken whose differences, as
    /// signed bytes, have the smallest sum of magnitudes.
    static func filteredRows(of image: RasterImage) -> [UInt8] {
        let (rowByteCount, step) = (image.rowByteCount, image.channels)
        var result = [UInt8](repeating: 0, count: image.height * (1 + rowByteCount))
        image.pixels.withUnsafeBufferPointer { pixels in
            result.withUnsafeMutableBufferPointer { result in
                for row in 0..<image.height {
                    let filters = Self.allCases.map { filter in
                        (filter, cost(of: filter, row: row, pixels, rowByteCount: rowByteCount, step: step))
                    }
                    let best = filters.min { $0.1 < $1.1 }?.0 ?? .none
                    let output = row * (1 + rowByteCount)
                    result[output] = UInt8(best.rawValue)
                    best.differences(row: row, pixels, rowByteCount: rowByteCount, step: step) { index, difference in
                        result[output + 1 + index] = difference
                    }
                }
            }
        }
        return result
    }

    private static func cost(
        of filter: PNGFilter, row: Int, _ pixels: UnsafeBufferPointer<UInt8>, rowByteCount: Int, step: Int
    ) -> Int {
        var sum = 0
        filter.differences(row: row, pixels, rowByteCount: rowByteCount, step: step) { _, difference in
            sum += Int(Int8(bitPattern: difference).magnitude)
        }
        return sum
    }

    @inline(__always)
    private func differences(
        row: Int, _ pixels: UnsafeBufferPointer<UInt8>, rowByteCount: Int, step: Int,
        _ body: (_ index: Int, _ difference: UInt8) -> Void
    ) {
        let start = row * rowByteCount
        for index in 0..<rowByteCount {
            let a = index >= step ? pixels[start + index - step] : 0
            let b = row > 0 ? pixels[start + index - rowByteCount] : 0
            let c = index >= step && row > 0 ? pixels[start + index - rowByteCount - step] : 0
            body(index, pixels[start + index] &- predict(a, b, c))
        }
    }

    /// The pixels whose filtered rows are `rows`, `height` times (1 + `rowByteCount`) bytes.
    static func pixels(
        of rows: [UInt8], height: Int, rowByteCount: Int, step: Int
    ) throws(FormatError) -> [UInt8] {
        var pixels = [UInt8](repeating: 0, count: height * rowByteCount)
        for row in 0..<height {
            let input = row * (1 + rowByteCount)
            guard let filter = PNGFilter(rawValue: Int(rows[input])) else {
                throw .png(.filter(Int(rows[input])))
            }
            let start = row * rowByteCount
            for index in 0..<rowByteCount {
                let a = index >= step ? pixels[start + index - step] : 0
                let b = row > 0 ? pixels[start + index - rowByteCount] : 0
                let c = index >= step && row > 0 ? pixels[start + index - rowByteCount - step] : 0
                pixels[start + index] = rows[input + 1 + index] &+ filter.predict(a, b, c)
            }
        }
        return pixels
    }
}
