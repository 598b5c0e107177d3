/// Makes squares of one side from pictures of one size: a part or a padding, then `BilinearResize`.
struct ImageSquaring: Sendable {
    private let width: Int
    private let height: Int
    private let fit: ImageFit
    private let region: (left: Int, top: Int, width: Int, height: Int)
    private let resize: BilinearResize?

    /// - Throws: `DatasetError.resize` for sizes that are not possible.
    init(width: Int, height: Int, side: Int, _ fit: ImageFit) throws(DatasetError) {
        self.width = width
        self.height = height
        self.fit = fit
        region = fit.region(width: width, height: height)
        let isInSize = region.width == side && region.height == side
        resize =
            isInSize
            ? nil : try BilinearResize(width: region.width, height: region.height, toWidth: side, toHeight: side)
    }

    /// The squares of some planes.
    ///
    /// - Parameters:
    ///   - planes: count x height x width
    ///   - background: one value a plane, taken in turn
    /// - Returns: count x side x side
    func callAsFunction(_ planes: [UInt8], background: [UInt8]) -> [UInt8] {
        let placed = region.width == width && region.height == height ? planes : placed(planes, background)
        return resize?(placed) ?? placed
    }

    /// The region of each plane.
    private func placed(_ planes: [UInt8], _ background: [UInt8]) -> [UInt8] {
        let (size, newSize) = (width * height, region.width * region.height)
        let count = planes.count / size
        // What of the region is in the picture.
        let (first, last) = (max(0, region.top), min(height, region.top + region.height))
        let (left, right) = (max(0, region.left), min(width, region.left + region.width))
        var result: [UInt8] = []
        result.reserveCapacity(count * newSize)
        for plane in 0..<count {
            let value = background[plane % background.count]
            result.append(contentsOf: repeatElement(value, count: newSize))
            for row in first..<last {
                let source = plane * size + row * width
                let target = plane * newSize + (row - region.top) * region.width + left - region.left
                result.replaceSubrange(target..<target + right - left, with: planes[source + left..<source + right])
            }
        }
        return result
    }
}

extension ImageDataset {
    /// The same data set as squares of `side` pixels.
    ///
    /// - Throws: `DatasetError.resize` for a side that is not possible.
    func squared(side: Int, _ fit: ImageFit, _ background: Background) throws(DatasetError) -> ImageDataset {
        if width == side && height == side { return self }
        try DatasetError.checkRoom(for: count, channels: channels, side: side, of: name)
        let squaring = try ImageSquaring(width: width, height: height, side: side, fit)
        let values = background.values(channels: channels)
        // Some images at a time, so that all cores have work.
        let pieceCount = min(count, 64)
        let size = channels * width * height
        let pieces = Parallel.map(pieceCount) { piece in
            let range = piece * count / pieceCount * size..<(piece + 1) * count / pieceCount * size
            return squaring(Array(images[range]), background: values)
        }
        return try ImageDataset(
            name: name, split: split, channels: channels, width: side, height: side, images: pieces.flatMap(\.self),
            labels: labels, classNames: classNames)
    }
}
