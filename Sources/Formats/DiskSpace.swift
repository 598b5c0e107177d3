package import Foundation

/// How much room there is where a file is to be written.
package enum DiskSpace {
    /// Bytes that may still be written in the folder of a file; nil where the system does not say.
    package static func available(for url: URL) -> Int? {
        let folder = url.absoluteURL.deletingLastPathComponent().path
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder)
        return (attributes?[.systemFreeSize] as? NSNumber).map(\.intValue)
    }
}
