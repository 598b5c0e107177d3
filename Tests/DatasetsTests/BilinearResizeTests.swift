import Formats
import Foundation
import Testing

@testable import Datasets

@Suite struct BilinearResizeTests {
    private func golden() throws -> SafetensorsFile {
        let url = try #require(
            Bundle.module.url(forResource: "mnist_resize", withExtension: "safetensors", subdirectory: "Goldens"))
        return try SafetensorsFile(contentsOf: url)
    }

    @Test func pixelsEqualPillows() throws {
        let golden = try golden()
        let resize = try BilinearResize(width: 28, height: 28, toWidth: 32, toHeight: 32)
        let resized = try resize(golden.tensor("pixels28").values(as: UInt8.self))
        #expect(try resized == golden.tensor("pixels32").values(as: UInt8.self))
        #expect(try PixelRange.normalized(resized) == golden.tensor("normalized").values(as: Float.self))
    }

    @Test func aDataSetIsResizedWithItsLabels() throws {
        let golden = try golden()
        let dataset = try ImageDataset(
            name: "MNIST", split: .train, width: 28, height: 28,
            images: golden.tensor("pixels28").values(as: UInt8.self),
            labels: golden.tensor("label").values(as: Int64.self).map { Int32($0) },
            classNames: (0..<10).map { "\($0)" })
        let resized = try dataset.squared(side: 32, .crop, .white)
        #expect(try resized.images == golden.tensor("pixels32").values(as: UInt8.self))
        #expect(resized.labels == dataset.labels && resized.width == 32 && resized.height == 32)
        #expect(try dataset.squared(side: 28, .crop, .white) == dataset)
    }

    @Test(arguments: [(28, 32), (32, 28), (28, 7), (5, 64), (1, 9), (9, 1)])
    func constantImagesStayConstant(from: Int, to: Int) throws {
        let resize = try BilinearResize(width: from, height: to, toWidth: to, toHeight: from)
        for value in [UInt8(0), 1, 127, 254, 255] {
            let resized = resize([UInt8](repeating: value, count: 2 * from * to))
            #expect(resized == [UInt8](repeating: value, count: 2 * from * to))
        }
    }

    @Test func halvingAndDoublingByHand() throws {
        let halve = try BilinearResize(width: 4, height: 1, toWidth: 2, toHeight: 1)
        // Triangles of half-width 2 around 1 and 3: (3, 3, 1) / 7 of the first three, (1, 3, 3) / 7 of the last three.
        #expect(halve([0, 70, 140, 0]) == [50, 70])
        let double = try BilinearResize(width: 2, height: 1, toWidth: 4, toHeight: 1)
        #expect(double([0, 100]) == [0, 25, 75, 100])
        let same = try BilinearResize(width: 3, height: 2, toWidth: 3, toHeight: 2)
        #expect(same([1, 2, 3, 4, 5, 6]) == [1, 2, 3, 4, 5, 6])
    }

    @Test func impossibleSizesAreRefused() {
        #expect(throws: DatasetError.resize(width: 0, height: 32)) {
            try BilinearResize(width: 28, height: 28, toWidth: 0, toHeight: 32)
        }
    }
}
