import Basis
import Foundation

/// The checksum of decoded images: SHA-256 of the SHA-256 of each image, in their order.
///
/// An image's is of its channels, height, width and label as little-endian 32-bit integers, then its pixels, channels x
/// height x width. So it does not depend on how the images are stored, nor on the size that they are trained in.
package enum ContentChecksum {
    static let digestByteCount = 32

    /// One image's digest.
    static func digest(
        of pixels: UnsafeRawBufferPointer, channels: Int, height: Int, width: Int, label: Int32
    ) -> [UInt8] {
        var hash = SHA256()
        let header = [Int32(channels), Int32(height), Int32(width), label].map(\.littleEndian)
        header.withUnsafeBytes { hash.append($0) }
        hash.append(pixels)
        return hash.digest()
    }

    /// The digests of all images of a data set, one after another.
    static func digests(of dataset: ImageDataset) -> [UInt8] {
        let size = dataset.channels * dataset.height * dataset.width
        return dataset.images.withUnsafeBytes { bytes in
            // Only read, and as long as this call.
            nonisolated(unsafe) let images = bytes
            return Parallel.map(dataset.count) { index in
                digest(
                    of: UnsafeRawBufferPointer(rebasing: images[index * size..<(index + 1) * size]),
                    channels: dataset.channels, height: dataset.height, width: dataset.width,
                    label: dataset.labels[index])
            }.flatMap(\.self)
        }
    }

    /// The checksum of images whose digests are these, one after another.
    static func text(ofDigests digests: [UInt8]) -> String { SHA256.text(SHA256.digest(digests)) }

    /// The checksum of a data set as it is.
    package static func text(of dataset: ImageDataset) -> String { text(ofDigests: digests(of: dataset)) }
}
