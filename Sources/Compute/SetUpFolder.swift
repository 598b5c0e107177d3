public import Foundation

/// The folder that holds `plugins/`, `lib/` and `data/`: what a distribution brings along, `share/flowmatch` beside the
/// folder of this program, where that is there, else `.setup` in the current folder, which `make setup` fills.
public enum SetUpFolder {
    public static let path: String = {
        let program = Bundle.main.executableURL?.resolvingSymlinksInPath()
        let prefix = program?.deletingLastPathComponent().deletingLastPathComponent()
        let shared = prefix?.appending(path: "share/flowmatch").path(percentEncoded: false)
        if let shared, FileManager.default.fileExists(atPath: shared) { return shared }
        return ".setup"
    }()

    public static var url: URL { URL(filePath: path, directoryHint: .isDirectory) }
}
