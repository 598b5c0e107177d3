import Formats
import Foundation
import Testing

@Suite("Pictures are decoded as Pillow decodes them, and damage is told")
struct PictureDecoderTests {
    @Test("Every kind of file gives the pixels that Pillow gives, upright")
    func goldens() throws {
        #expect(PictureGoldens.files.count > 30)
        for file in PictureGoldens.files {
            let picture = try PictureGoldens.decoder.decode(PictureGoldens.bytes(file))
            let name = (file as NSString).deletingPathExtension
            let expected = try NPY<UInt8>(contentsOf: PictureGoldens.folder.appendingPathComponent("\(name).npy"))
            #expect([picture.height, picture.width, picture.channels] == expected.shape, "\(file)")
            let worst = zip(picture.pixels, expected.values).map { abs(Int($0) - Int($1)) }.max() ?? .max
            #expect(picture.pixels.count == expected.values.count && worst == 0, "\(file) is off by \(worst)")
        }
    }

    @Test("A file of any other content is refused by what it is")
    func others() throws {
        func reason(_ bytes: [UInt8]) -> String? {
            do throws(UnreadablePicture) {
                _ = try PictureGoldens.decoder.decode(bytes)
                return nil
            } catch {
                return error.reason
            }
        }
        #expect(reason([]) == "it is empty")
        #expect(reason(Array("a text named .png".utf8)) == "it is neither PNG nor JPEG")
        let png = try PictureGoldens.bytes("rgb.png")
        #expect(reason(Array(png.prefix(8)))?.contains("cut short") == true)
        let jpeg = try PictureGoldens.bytes("jpeg.jpg")
        #expect(reason(Array(jpeg.prefix(jpeg.count / 2)))?.contains("cut short") == true)
    }

    /// A file whose header says 20,000 x 20,000.
    static func huge(_ file: String) throws -> [UInt8] {
        var bytes = try PictureGoldens.bytes(file)
        let side: [UInt8] = [0x4E, 0x20]
        if file.hasSuffix("png") {
            bytes.replaceSubrange(16..<24, with: [0, 0] + side + [0, 0] + side)
            let checksum = CRC32.checksum(bytes[12..<29])
            bytes.replaceSubrange(29..<33, with: (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (24 - 8 * $0)) })
            return bytes
        }
        // The frame's header: marker, length, precision, height, width.
        let frame = try #require(
            bytes.indices.first { bytes[$0] == 0xFF && [0xC0, 0xC2].contains(bytes[$0 + 1]) && bytes[$0 + 4] == 8 })
        bytes.replaceSubrange(frame + 5..<frame + 9, with: side + side)
        return bytes
    }

    @Test("A picture of 400 million pixels is refused by its header", arguments: ["rgb.png", "jpeg.jpg"])
    func hugePictures(file: String) throws {
        let error = try #require(throws: UnreadablePicture.self) {
            try PictureGoldens.decoder.decode(PictureDecoderTests.huge(file))
        }
        #expect(error.reason == "it has 20000 x 20000 pixels, more than the 100000000 that are read")
    }

    @Test("Damaged files are decoded or refused; nothing else happens")
    func damage() throws {
        var random = SystemRandomNumberGenerator()
        var refused = 0
        for file in PictureGoldens.files {
            let good = try PictureGoldens.bytes(file)
            for round in 0..<12 {
                var bytes = good
                for _ in 0...round {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(in: 1...255)
                }
                if round % 4 == 3 { bytes.removeLast(Int.random(in: 0..<bytes.count)) }
                do throws(UnreadablePicture) {
                    let picture = try PictureGoldens.decoder.decode(bytes)
                    #expect(picture.pixels.count == picture.width * picture.height * picture.channels)
                } catch {
                    #expect(!error.reason.isEmpty)
                    refused += 1
                }
            }
        }
        // A PNG file carries checksums: most damage is found.
        #expect(refused > PictureGoldens.files.count * 5)
    }
}
