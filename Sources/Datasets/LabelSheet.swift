package import Formats

/// A picture of the first images of every label, a row each: of all labels where they are few (``ShownLabels``). Where
/// there are none, of the first images.
package struct LabelSheet: Sendable {
    private let dataset: ImageDataset

    private static let columns = 10

    /// - Parameter dataset: of any number of classes
    package init(_ dataset: ImageDataset) { self.dataset = dataset }

    /// - Throws: ``DatasetError/format(_:)`` where the images are so large that no picture holds them.
    package func picture() throws(DatasetError) -> RasterImage {
        let rows = rows
        let size = dataset.imageShape.reduce(1, *)
        let pixels = rows.flatMap { row in
            row.flatMap { dataset.image(at: $0) }
                + [UInt8](repeating: 0, count: (LabelSheet.columns - row.count) * size)
        }
        return try ContactSheet(rows: rows.count, columns: LabelSheet.columns, scale: 2)
            .image(of: pixels, channels: dataset.channels, width: dataset.width, height: dataset.height)
    }

    /// The images of each row.
    private var rows: [[Int]] {
        let columns = LabelSheet.columns
        guard dataset.classCount > 0 else {
            return stride(from: 0, to: min(dataset.count, columns * columns), by: columns).map {
                Array($0..<min($0 + columns, dataset.count))
            }
        }
        return ShownLabels.of(dataset.classCount).map { label in
            Array(dataset.labels.indices.lazy.filter { dataset.labels[$0] == Int32(label) }.prefix(columns))
        }
    }
}
