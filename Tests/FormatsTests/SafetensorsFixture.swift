import Formats
import Foundation

/// Hand-made safetensors files.
enum SafetensorsFixture {
    /// Opens a file of the JSON text `header`, with its right length unless `length` is given, and `data`.
    static func open(_ header: String, length: UInt64? = nil, data: [UInt8]) throws -> SafetensorsFile {
        try open(bytes: prefix(length ?? UInt64(header.utf8.count)) + header.utf8 + data)
    }

    static func open(bytes: [UInt8]) throws -> SafetensorsFile {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("fixture.safetensors")
            try Data(bytes).write(to: url)
            return try SafetensorsFile(contentsOf: url)
        }
    }

    static func prefix(_ length: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    }

    /// The problem of a file that must not open.
    static func problem(_ header: String, length: UInt64? = nil, data: [UInt8] = []) -> SafetensorsProblem? {
        do {
            _ = try open(header, length: length, data: data)
        } catch FormatError.safetensors(_, let problem) {
            return problem
        } catch {}
        return nil
    }
}
