public import Formats

/// A picture of the first images of every class, a row each; where there are no classes, of the first hundred.
public struct LabelSheet: Sendable {
    private let dataset: ImageDataset

    private static let columns = 10

    public init(_ dataset: ImageDataset) { self.dataset = dataset }

    /// - Throws: ``DatasetError/format(_:)`` where the data has so many classes that no picture holds them.
    public func picture() throws(DatasetError) -> RasterImage {
        let rows = self.rows
        var pixels: [UInt8] = []
        for row in rows {
            for index in row { pixels += dataset.image(at: index) }
            let size = dataset.channels * dataset.width * dataset.height
            pixels += [UInt8](repeating: 0, count: (LabelSheet.columns - row.count) * size)
        }
        return try ContactSheet(rows: rows.count, columns: LabelSheet.columns, scale: 2)
            .image(of: pixels, channels: dataset.channels, width: dataset.width, height: dataset.height)
    }

    /// The images of each row.
    private var rows: [[Int]] {
        let columns = LabelSheet.columns
        guard dataset.classCount > 0 else {
            let shown = min(dataset.count, columns * columns)
            return stride(from: 0, to: shown, by: columns).map { Array($0..<min($0 + columns, shown)) }
        }
        var rows = [[Int]](repeating: [], count: dataset.classCount)
        for (index, label) in dataset.labels.enumerated() where rows[Int(label)].count < columns {
            rows[Int(label)].append(index)
        }
        return rows
    }
}
