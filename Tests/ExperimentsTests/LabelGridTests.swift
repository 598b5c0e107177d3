import Formats
import Testing

@testable import Experiments

@Suite("A grid of labels")
struct LabelGridTests {
    @Test("Of few labels each has a row, and the last row has none")
    func few() {
        let grid = LabelGrid(classCount: 10, perClass: 3)
        #expect(grid.rowLabels == Array(0...10) && grid.columns == 3)
        #expect(grid.labels == (0...10).flatMap { [$0, $0, $0] })
        #expect(grid.caption.hasPrefix("A row for each label, 0 to 9;"))
    }

    @Test("Of many labels some have a row, evenly spread", arguments: [21, 37, 100, 1000, 65536])
    func many(classes: Int) {
        let grid = LabelGrid(classCount: classes, perClass: 10)
        let shown = grid.rowLabels.dropLast()
        #expect(shown.count == 20 && grid.rowLabels.last == classes && shown.first == 0)
        let gaps = Set(zip(shown, shown.dropFirst()).map { $1 - $0 })
        #expect(gaps.isSubset(of: [classes / 20, (classes + 19) / 20]))
        #expect(grid.caption.contains("\(classes) labels"))
    }

    @Test("Without labels it is a square")
    func none() {
        let grid = LabelGrid(classCount: 0, perClass: 4)
        #expect(grid.rows == 4 && grid.labels == [Int](repeating: 0, count: 16))
        #expect(grid.caption.contains("without labels"))
    }

    @Test("Images in turn have labels where there are any")
    func selections() {
        #expect(SampleSelection(nil, count: 3, first: 7, classCount: 0).labels(0..<3) == [0, 0, 0])
        #expect(SampleSelection(nil, count: nil, first: 0, classCount: 0).labels(0..<1) == [0])
        #expect(SampleSelection(nil, count: 3, first: 3, classCount: 4).labels(0..<3) == [3, 0, 1])
    }

    @Test("Colour images make a colour picture")
    func colour() throws {
        let grid = LabelGrid(classCount: 1, perClass: 1)
        // A red image and a blue one, of one pixel.
        let picture = try grid.picture(of: [1, -1, -1, -1, -1, 1], shape: [3, 1, 1])
        #expect(picture.channels == 3)
        let colours = Set(stride(from: 0, to: picture.pixels.count, by: 3).map { Array(picture.pixels[$0..<$0 + 3]) })
        #expect(colours.isSuperset(of: [[255, 0, 0], [0, 0, 255]]))
    }
}
