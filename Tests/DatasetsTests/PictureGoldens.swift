import Formats
import Foundation
import Testing

/// The files of Goldens/pictures, made by `make_pictures.py`.
enum PictureGoldens {
    static let folder =
        Bundle.module.resourceURL.map { $0.appendingPathComponent("Goldens/pictures") }
        ?? URL(fileURLWithPath: "Goldens/pictures")

    static let decoder = PictureDecoder(libraries: setUpFolder.appendingPathComponent("pictures"))

    static let setUpFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent(".setup")

    /// All pictures.
    static let files: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".png") || $0.hasSuffix(".jpg") }.sorted()
    }()

    static func bytes(_ file: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appendingPathComponent(file)))
    }
}
