/// The part of a data set: what a model is trained on, or what it never sees.
public enum DatasetSplit: String, Sendable, CaseIterable {
    /// The images that a network is trained on.
    case train
    /// The images that it never sees in training.
    case test
}

/// 8-bit images of one size, gray or colour, contiguous in memory, each with the number of its class.
public struct ImageDataset: Sendable, Equatable {
    /// The data set's name, as in `MNIST`.
    public let name: String
    /// Which of the data set's images these are.
    public let split: DatasetSplit
    /// 1 (gray) or 3 (red, green, blue).
    public let channels: Int
    /// Pixels an image row.
    public let width: Int
    /// Rows an image.
    public let height: Int
    /// The pixels, count x channels x height x width.
    public let images: [UInt8]
    /// One class an image, below ``classCount``; all 0 where there are no classes.
    public let labels: [Int32]
    /// One name a class; empty where the images have no labels.
    public let classNames: [String]

    /// - Throws: `DatasetError` unless there is at least one image, one label an image, and every label is a class.
    public init(
        name: String, split: DatasetSplit, channels: Int = 1, width: Int, height: Int, images: [UInt8],
        labels: [Int32], classNames: [String]
    ) throws(DatasetError) {
        guard channels > 0, width > 0, height > 0, !labels.isEmpty else { throw .empty(dataset: name) }
        let expected = labels.count * channels * width * height
        guard images.count == expected else {
            throw .pixelCount(dataset: name, found: images.count, expected: expected)
        }
        if let index = labels.firstIndex(where: { $0 < 0 || $0 >= max(1, classNames.count) }) {
            throw .labelOutOfRange(
                dataset: name, index: index, label: Int(labels[index]), classCount: classNames.count)
        }
        self.name = name
        self.split = split
        self.channels = channels
        self.width = width
        self.height = height
        self.images = images
        self.labels = labels
        self.classNames = classNames
    }

    /// The number of images.
    public var count: Int { labels.count }

    /// The number of classes; 0 where the images have no labels.
    public var classCount: Int { classNames.count }

    /// Channels, height and width of an image.
    public var imageShape: [Int] { [channels, height, width] }

    /// The pixels of one image, channels x height x width.
    public func image(at index: Int) -> ArraySlice<UInt8> {
        let size = channels * height * width
        return images[index * size..<(index + 1) * size]
    }

    /// How many images each class has, `classCount` numbers.
    public var labelCounts: [Int] {
        guard !classNames.isEmpty else { return [] }
        return labels.reduce(into: [Int](repeating: 0, count: classCount)) { $0[Int($1)] += 1 }
    }
}
