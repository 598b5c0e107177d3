public import Formats

/// A picture of the first images of every label, a row each.
public struct LabelSheet: Sendable {
    private let dataset: ImageDataset

    private static let columns = 10

    public init(_ dataset: ImageDataset) { self.dataset = dataset }

    /// - Throws: ``DatasetError/format(_:)`` where the data has so many classes that no picture holds them.
    public func picture() throws(DatasetError) -> RasterImage {
        let (width, height, columns) = (dataset.width, dataset.height, LabelSheet.columns)
        var pixels: [UInt8] = []
        for label in 0..<dataset.classCount {
            let indices = dataset.labels.indices.lazy.filter { dataset.labels[$0] == Int32(label) }.prefix(columns)
            for index in indices { pixels += dataset.image(at: index) }
            pixels += [UInt8](repeating: 0, count: (columns - indices.count) * dataset.channels * width * height)
        }
        return try ContactSheet(rows: dataset.classCount, columns: columns, scale: 2)
            .image(of: pixels, channels: dataset.channels, width: width, height: height)
    }
}
