import Datasets
package import Formats

/// The reference's arrangement of samples: a row for each label, the last for the null label.
///
/// Of very many labels it has some, evenly spread; where there are none it is a square.
package struct LabelGrid: Sendable {
    /// The label of each row.
    package let rowLabels: [Int]
    package let columns: Int
    private let classCount: Int

    /// The labels of rows, the null label last; it alone where there are no others.
    package static func rowLabels(of classCount: Int) -> [Int] { ShownLabels.of(classCount) + [classCount] }

    package init(classCount: Int, perClass: Int) {
        let labels = LabelGrid.rowLabels(of: classCount)
        rowLabels = classCount == 0 ? [Int](repeating: 0, count: perClass) : labels
        columns = perClass
        self.classCount = classCount
    }

    package var rows: Int { rowLabels.count }

    /// Labels row by row.
    package var labels: [Int] { rowLabels.flatMap { [Int](repeating: $0, count: columns) } }

    /// What the rows are, in a sentence or two.
    package var caption: String {
        let shown = rowLabels.dropLast()
        guard classCount > 0, let first = shown.first, let last = shown.last else {
            return "Drawn without labels: the networks know none."
        }
        let null = "the last row is drawn without a label."
        guard shown.count < classCount else { return "A row for each label, \(first) to \(last); \(null)" }
        return "A row for each of \(shown.count) of the \(classCount) labels, evenly spread "
            + "(\(shown.map(String.init).joined(separator: ", "))); \(null)"
    }

    /// - Parameter images: values in [-1, 1] and beyond, (count, channels, height, width) in the order of ``labels``
    package func picture(of images: [Float], shape: [Int]) throws -> RasterImage {
        try ContactSheet(rows: rows, columns: columns, scale: 2)
            .image(of: PixelRange.quantized(images), channels: shape[0], width: shape[2], height: shape[1])
    }
}
