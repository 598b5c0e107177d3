import Basis
import Formats
import Foundation

/// The SHA-256 of a file, by which two people see that they have the same.
enum FileChecksum {
    private static let pieceBytes = 1 << 22

    static func text(of url: URL) throws -> String {
        let file = try OpenFile(url.path)
        var hash = SHA256()
        for start in stride(from: 0, to: file.byteCount, by: pieceBytes) {
            hash.append(try file.bytes(at: start, count: min(pieceBytes, file.byteCount - start)))
        }
        return SHA256.text(hash.digest())
    }
}
