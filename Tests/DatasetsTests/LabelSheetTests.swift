import Datasets
import Formats
import Testing

struct LabelSheetTests {
    /// Images of one pixel, which is the number of their class.
    private func sheet(classes: Int, images: Int) throws -> (width: Int, height: Int, values: Set<UInt8>) {
        let labels = (0..<images).map { Int32($0 % max(1, classes)) }
        let dataset = try ImageDataset(
            name: "tiny", split: .train, width: 1, height: 1, images: labels.map { UInt8(truncatingIfNeeded: $0) },
            labels: labels, classNames: (0..<classes).map { "\($0)" })
        let picture = try LabelSheet(dataset).picture()
        return (picture.width, picture.height, Set(picture.pixels))
    }

    @Test func eachOfFewLabelsHasARow() throws {
        let (one, ten) = (try sheet(classes: 1, images: 3), try sheet(classes: 10, images: 100))
        #expect(one.width == ten.width && ten.values.isSuperset(of: 0..<10))
        #expect(ten.height > 5 * one.height)
    }

    @Test func ofManyLabelsSomeHaveARow() throws {
        let twenty = try sheet(classes: 20, images: 200)
        #expect(try sheet(classes: 200, images: 2000).height == twenty.height)
        #expect(try sheet(classes: 200, images: 2000).values.isSuperset(of: [0, 10, 190]))
    }

    @Test func withoutLabelsItHoldsTheFirstImages() throws {
        #expect(try sheet(classes: 0, images: 7).height == sheet(classes: 1, images: 7).height)
        #expect(try sheet(classes: 0, images: 5000).height == sheet(classes: 10, images: 100).height)
    }
}
