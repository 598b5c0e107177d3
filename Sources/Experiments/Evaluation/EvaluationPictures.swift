import Datasets
import Formats
import Foundation
import Quality

/// Sheets of the images that say most: those nearest to a training image beside it, and those that the classifier is most
/// and least sure of.
struct EvaluationPictures {
    /// Images that are nearest to a training image, and that image's place; the nearest first.
    let pairs: [(image: Int, training: Int)]
    /// The most confident first.
    let best: [Int]
    /// The least confident first.
    let worst: [Int]

    private static let pairCount = 64
    private static let sheetCount = 32
    private static let columns = 16

    /// - Parameter confidences: the probability of the label that was asked for, one an image
    init(nearest: [Neighbours.Nearest], confidences: [Double]) {
        let near = nearest.indices.sorted { nearest[$0].squares[0] < nearest[$1].squares[0] }
        pairs = near.prefix(EvaluationPictures.pairCount).map { ($0, nearest[$0].indices[0]) }
        let sure = confidences.indices.sorted { confidences[$0] > confidences[$1] }
        best = Array(sure.prefix(EvaluationPictures.sheetCount))
        worst = Array(sure.reversed().prefix(EvaluationPictures.sheetCount))
    }

    /// All images that are shown, by their numbers.
    var numbers: [Int] { pairs.map(\.image) + best + worst }

    /// Writes `nearest.png`, `best.png` and `worst.png` under a name's beginning.
    ///
    /// - Parameters:
    ///   - images: bytes of ``numbers``, (count, channels, height, width)
    ///   - training: the images that the pairs' places are in
    ///   - url: of a picture, by its name
    func write(_ images: [UInt8], training: ImageDataset, to url: (String) -> URL) throws -> [URL] {
        let size = training.imageShape.reduce(1, *)
        func drawn(_ range: Range<Int>) -> [UInt8] { Array(images[range.lowerBound * size..<range.upperBound * size]) }
        func sheet(_ pixels: [UInt8], _ name: String) throws -> URL {
            let rows = (pixels.count / size + EvaluationPictures.columns - 1) / EvaluationPictures.columns
            let picture = try ContactSheet(rows: rows, columns: EvaluationPictures.columns, scale: 2).image(
                of: pixels, channels: training.channels, width: training.width, height: training.height)
            let file = url(name)
            try AtomicFile.write(PNG.encode(picture), to: file)
            return file
        }
        // A row of images above the row of what they are near to.
        let rows = stride(from: 0, to: pairs.count, by: EvaluationPictures.columns).flatMap { first -> [UInt8] in
            let row = first..<min(first + EvaluationPictures.columns, pairs.count)
            let filling = [UInt8](repeating: 0, count: (EvaluationPictures.columns - row.count) * size)
            return drawn(row) + filling + row.flatMap { training.image(at: pairs[$0].training) } + filling
        }
        let (firstBest, firstWorst) = (pairs.count, pairs.count + best.count)
        return [
            try sheet(rows, "nearest"), try sheet(drawn(firstBest..<firstWorst), "best"),
            try sheet(drawn(firstWorst..<firstWorst + worst.count), "worst"),
        ]
    }
}
