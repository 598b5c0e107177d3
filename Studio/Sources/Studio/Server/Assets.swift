import Foundation
import HTTPTypes
import Hummingbird

/// The scripts and the style of the pages, all read when the server starts: no path of a request leads to a file.
struct Assets: Sendable {
    private let files: [String: (bytes: [UInt8], type: String, tag: String)]

    private static let types = ["css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"]

    init() throws {
        let folder = Bundle.module.bundleURL.appendingPathComponent("Web", isDirectory: true)
        var files: [String: (bytes: [UInt8], type: String, tag: String)] = [:]
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            guard let type = Assets.types[file.pathExtension] else { continue }
            let bytes = [UInt8](try Data(contentsOf: file))
            let sum = bytes.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
            files[file.lastPathComponent] = (bytes, type + "; charset=utf-8", "\"\(String(sum, radix: 16))\"")
        }
        self.files = files
    }

    func response(_ name: String, to request: Request) throws -> Response {
        guard let file = files[name] else { throw Refusal.missing("there is no such file") }
        let headers: HTTPFields = [.eTag: file.tag, .cacheControl: "no-cache"]
        if request.headers[.ifNoneMatch] == file.tag { return Response(status: .notModified, headers: headers) }
        return Response(file.bytes, type: file.type, headers: headers)
    }
}
