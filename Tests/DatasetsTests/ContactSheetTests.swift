import Datasets
import Formats
import Testing

@Suite struct ContactSheetTests {
    @Test func imagesAreLaidOutRowByRow() throws {
        let sheet = ContactSheet(rows: 2, columns: 2, padding: 1, background: 9)
        // Three images of width 2, height 1; the fourth cell stays empty.
        let image = try sheet.image(of: [1, 2, 3, 4, 5, 6], width: 2, height: 1)
        #expect(image.width == 7 && image.height == 5 && image.channels == 1)
        #expect(
            image.pixels == [
                9, 9, 9, 9, 9, 9, 9,
                9, 1, 2, 9, 3, 4, 9,
                9, 9, 9, 9, 9, 9, 9,
                9, 5, 6, 9, 9, 9, 9,
                9, 9, 9, 9, 9, 9, 9,
            ])
    }

    @Test func pixelsAreEnlarged() throws {
        let sheet = ContactSheet(rows: 1, columns: 1, padding: 0, scale: 2)
        #expect(try sheet.image(of: [1, 2], width: 2, height: 1).pixels == [1, 1, 2, 2, 1, 1, 2, 2])
    }

    @Test func planesBecomeColours() throws {
        let sheet = ContactSheet(rows: 1, columns: 2, padding: 0)
        // Two images of one row: red 1 2, green 3 4, blue 5 6, and 7 8, 9 10, 11 12.
        let image = try sheet.image(of: Array(1...12), channels: 3, width: 2, height: 1)
        #expect(image.width == 4 && image.channels == 3)
        #expect(image.pixels == [1, 3, 5, 2, 4, 6, 7, 9, 11, 8, 10, 12])
    }

    @Test func whatDoesNotFitIsRefused() {
        let sheet = ContactSheet(rows: 1, columns: 2)
        #expect(throws: DatasetError.contactSheet(images: 3, rows: 1, columns: 2)) {
            try sheet.image(of: [1, 2, 3], width: 1, height: 1)
        }
        #expect(throws: DatasetError.self) { try sheet.image(of: [1, 2, 3], width: 2, height: 1) }
        #expect(throws: DatasetError.self) { try sheet.image(of: [1], width: 0, height: 1) }
        #expect(throws: DatasetError.self) {
            try ContactSheet(rows: 1, columns: 100_000).image(of: [1], width: 1, height: 1)
        }
    }

    @Test func valuesAreQuantized() {
        #expect(PixelRange.quantized([-1, 1, 0, -3, 3, .infinity, -.infinity]) == [0, 255, 128, 0, 255, 255, 0])
        #expect(PixelRange.quantized([.nan]) == [0])
        let all = (0...255).map { UInt8($0) }
        #expect(PixelRange.quantized(PixelRange.normalized(all)) == all)
    }
}
