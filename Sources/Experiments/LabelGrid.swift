import Datasets
public import Formats

/// The reference's arrangement of samples: a row for each label, the last for the null label.
///
/// Of very many labels it has some, evenly spread; where there are none it is a square.
public struct LabelGrid: Sendable {
    /// The label of each row.
    public let rowLabels: [Int]
    public let columns: Int
    private let classCount: Int

    /// The most labels that have a row; more do not fit on a screen.
    private static let mostLabels = 20

    public init(classCount: Int, perClass: Int) {
        let shown = min(classCount, LabelGrid.mostLabels)
        let labels = (0..<shown).map { $0 * classCount / shown }
        rowLabels = labels.isEmpty ? [Int](repeating: 0, count: perClass) : labels + [classCount]
        columns = perClass
        self.classCount = classCount
    }

    public var rows: Int { rowLabels.count }

    /// Labels row by row.
    public var labels: [Int] { rowLabels.flatMap { [Int](repeating: $0, count: columns) } }

    /// What the rows are, in a sentence or two.
    public var caption: String {
        let shown = rowLabels.dropLast()
        guard classCount > 0, let first = shown.first, let last = shown.last else {
            return "Drawn without labels, which the data does not have."
        }
        let null = "the last row is drawn without a label."
        guard shown.count < classCount else { return "A row for each label, \(first) to \(last); \(null)" }
        return "A row for each of \(shown.count) of the \(classCount) labels, evenly spread "
            + "(\(shown.map(String.init).joined(separator: ", "))); \(null)"
    }

    /// - Parameter images: values in [-1, 1] and beyond, (count, channels, height, width) in the order of ``labels``
    public func picture(of images: [Float], shape: [Int]) throws -> RasterImage {
        try ContactSheet(rows: rows, columns: columns, scale: 2)
            .image(of: PixelRange.quantized(images), channels: shape[0], width: shape[2], height: shape[1])
    }
}
