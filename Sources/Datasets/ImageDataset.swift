/// The part of a data set: what a model is trained on, or what it never sees.
public enum DatasetSplit: String, Sendable, CaseIterable {
    case train
    case test
}

/// Labelled 8-bit gray images of one size, contiguous in memory.
public struct ImageDataset: Sendable, Equatable {
    /// The data set's name, as in `MNIST`.
    public let name: String
    public let split: DatasetSplit
    /// Pixels an image row.
    public let width: Int
    /// Rows an image.
    public let height: Int
    /// The pixels, count x height x width.
    public let images: [UInt8]
    /// One label an image, below `classCount`.
    public let labels: [UInt8]
    /// The number of classes.
    public let classCount: Int

    /// - Throws: `DatasetError` unless there is at least one image, one label an image, and every label is below
    ///   `classCount`.
    public init(
        name: String, split: DatasetSplit, width: Int, height: Int, images: [UInt8], labels: [UInt8],
        classCount: Int
    ) throws(DatasetError) {
        guard width > 0, height > 0, !labels.isEmpty else { throw .empty(dataset: name) }
        guard images.count == labels.count * width * height else {
            throw .pixelCount(dataset: name, found: images.count, expected: labels.count * width * height)
        }
        if let index = labels.firstIndex(where: { $0 >= classCount }) {
            throw .labelOutOfRange(
                dataset: name, index: index, label: Int(labels[index]), classCount: classCount)
        }
        self.name = name
        self.split = split
        self.width = width
        self.height = height
        self.images = images
        self.labels = labels
        self.classCount = classCount
    }

    /// The number of images.
    public var count: Int { labels.count }

    /// The pixels of one image, height x width.
    public func image(at index: Int) -> ArraySlice<UInt8> {
        images[index * width * height..<(index + 1) * width * height]
    }

    /// How many images each class has, `classCount` numbers.
    public var labelCounts: [Int] {
        labels.reduce(into: [Int](repeating: 0, count: classCount)) { $0[Int($1)] += 1 }
    }

    /// The same data set with square images of `side` pixels, resized by `BilinearResize`.
    ///
    /// - Throws: `DatasetError.resize` for a side that is not possible.
    public func resized(toSide side: Int) throws(DatasetError) -> ImageDataset {
        if width == side && height == side { return self }
        let resize = try BilinearResize(width: width, height: height, toWidth: side, toHeight: side)
        return try ImageDataset(
            name: name, split: split, width: side, height: side, images: resize(images), labels: labels,
            classCount: classCount)
    }
}
