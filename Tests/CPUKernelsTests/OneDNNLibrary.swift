import CPUKernels
import Foundation

/// oneDNN for tests: `ONEDNN_LIBRARY_PATH`, else the set-up folder's.
enum OneDNNLibrary {
    static let path: String? = {
        let given = ProcessInfo.processInfo.environment["ONEDNN_LIBRARY_PATH"]
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let setUp = root.appending(path: ".setup/lib/libdnnl.so.3").path(percentEncoded: false)
        return [given, setUp].compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0) }
    }()

    static func load() throws {
        if let path { try OneDNN.load(path: path) }
    }
}
