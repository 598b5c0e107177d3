/// A split as a network is trained on it, and what it is.
public struct LoadedDataset: Sendable {
    /// In the size that a network is trained in.
    public let images: ImageDataset
    /// What the images are, so that two runs can be held against each other.
    public let identity: DatasetIdentity
    /// The sizes of the images before they were made square, such as "28 x 28" or "17 x 20 to 640 x 480".
    package let originalSize: String
    /// Pixels of an image before; nil where they were of several sizes.
    package let originalPixels: Int?

    init(_ images: ImageDataset, _ identity: DatasetIdentity, originalSize: String, originalPixels: Int?) {
        self.images = images
        self.identity = identity
        self.originalSize = originalSize
        self.originalPixels = originalPixels
    }

    /// Images in memory, all of one size, made square.
    ///
    /// - Parameters:
    ///   - split: for the identity
    ///   - side: of the squares
    init(
        _ dataset: ImageDataset, split: String, side: Int, fit: ImageFit, background: Background = .white
    ) throws(DatasetError) {
        let squares = try dataset.squared(side: side, fit, background)
        let isUnchanged = dataset.width == side && dataset.height == side
        let identity = DatasetIdentity(
            name: dataset.name, checksum: ContentChecksum.text(of: dataset), count: dataset.count,
            channels: dataset.channels, side: side,
            resize: isUnchanged ? "none" : fit.description(isSquare: dataset.width == dataset.height), split: split)
        self.init(
            squares, identity, originalSize: "\(dataset.width) x \(dataset.height)",
            originalPixels: dataset.width * dataset.height)
    }
}
