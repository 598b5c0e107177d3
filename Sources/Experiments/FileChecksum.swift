import Basis
import Formats
import Foundation
import PJRT
import Synchronization

/// The SHA-256 of a file, by which two people see that they have the same.
enum FileChecksum {
    private static let pieceBytes = 1 << 22
    private static let plugins = Mutex<[String: String]>([:])

    static func text(of url: URL) throws -> String {
        let file = try OpenFile(url.path)
        var hash = SHA256()
        for start in stride(from: 0, to: file.byteCount, by: pieceBytes) {
            hash.append(try file.bytes(at: start, count: min(pieceBytes, file.byteCount - start)))
        }
        return SHA256.text(hash.digest())
    }

    /// Of a plugin's file, which is large and read once: a plugin that is loaded stays what it is.
    static func text(of plugin: Plugin) throws -> String {
        try plugins.withLock { known in
            if let text = known[plugin.path] { return text }
            let text = try text(of: URL(fileURLWithPath: plugin.path))
            known[plugin.path] = text
            return text
        }
    }
}
