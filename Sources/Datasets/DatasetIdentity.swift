/// What a split of a data set is, so that two runs can be held against each other.
public struct DatasetIdentity: Sendable, Equatable {
    /// The data set's name, for people: the same images under another name are the same.
    public let name: String
    /// SHA-256 of the decoded images in their own size with their labels, as 64 hexadecimal digits; see
    /// ``ContentChecksum``.
    public let checksum: String
    /// The number of images.
    public let count: Int
    /// 1 (gray) or 3 (red, green, blue).
    public let channels: Int
    /// Pixels a side, of what a network sees.
    public let side: Int
    /// How pictures of other forms become squares of this side, such as "crop, bilinear"; "none" where all have it.
    public let resize: String
    /// Which images of the data set these are, such as "train", or the seed and fraction of a split.
    public let split: String

    /// How a byte becomes what a network sees; the same for all.
    public static let normalisation = "pixel / 255 * 2 - 1"

    /// - Parameters:
    ///   - name: for people
    ///   - checksum: 64 hexadecimal digits, a ``ContentChecksum``
    ///   - count: of the images
    ///   - channels: 1 (gray) or 3 (red, green, blue)
    ///   - side: pixels a side, of what a network sees
    ///   - resize: how pictures of other forms become squares of this side
    ///   - split: which images of the data set these are
    public init(
        name: String, checksum: String, count: Int, channels: Int, side: Int, resize: String, split: String
    ) {
        self.name = name
        self.checksum = checksum
        self.count = count
        self.channels = channels
        self.side = side
        self.resize = resize
        self.split = split
    }

    /// Whether a network sees the same images.
    public func isSame(as other: DatasetIdentity) -> Bool {
        checksum == other.checksum && channels == other.channels && side == other.side && resize == other.resize
    }

    /// The first digits of the checksum, which people compare.
    public var shortChecksum: String { String(checksum.prefix(12)) }
}

extension DatasetIdentity: CustomStringConvertible {
    /// `MNIST (train): 60,000 gray images, checksum 0123456789ab, 32 x 32 by bilinear`
    public var description: String {
        let form = channels == 1 ? "gray" : "colour"
        let size = "\(side) x \(side)" + (resize == "none" ? "" : " by \(resize)")
        return "\(name) (\(split)): \(count) \(form) images of \(size), checksum \(shortChecksum)"
    }
}
