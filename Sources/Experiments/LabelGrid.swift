import Datasets
public import Formats

/// The reference's arrangement of samples: a row for each label, the last for the null label.
public struct LabelGrid: Sendable {
    public let rows: Int
    public let columns: Int

    public init(classCount: Int, perClass: Int) {
        rows = classCount + 1
        columns = perClass
    }

    /// Labels row by row.
    public var labels: [Int] { (0..<rows).flatMap { [Int](repeating: $0, count: columns) } }

    /// - Parameter images: values in [-1, 1] and beyond, (count, channels, height, width) in the order of ``labels``
    public func picture(of images: [Float], shape: [Int]) throws -> RasterImage {
        try ContactSheet(rows: rows, columns: columns, scale: 2)
            .image(of: PixelRange.quantized(images), channels: shape[0], width: shape[2], height: shape[1])
    }
}
