public import Foundation

/// The folder that holds `plugins/`, `lib/` and `data/`: what a distribution brings along, `share/flowmatch` beside the
/// folder of this program, where that is there, else `.setup` in the current folder or the nearest one above that has it,
/// which `make setup` fills.
public enum SetUpFolder {
    private static let name = ".setup"

    /// Looked for once a process.
    public static let path: String = {
        let program = Bundle.main.executableURL?.resolvingSymlinksInPath()
        let prefix = program?.deletingLastPathComponent().deletingLastPathComponent()
        let shared = prefix?.appending(path: "share/flowmatch").path(percentEncoded: false)
        if let shared, FileManager.default.fileExists(atPath: shared) { return shared }
        return nearest(from: FileManager.default.currentDirectoryPath)
    }()

    /// ``path`` as a URL.
    public static var url: URL { URL(filePath: path, directoryHint: .isDirectory) }

    /// The nearest set-up folder, that of the current folder where there is none.
    ///
    /// - Parameter current: the current folder's path
    static func nearest(from current: String) -> String {
        var folder = current
        while folder != "/" && !folder.isEmpty {
            let found = (folder as NSString).appendingPathComponent(name)
            if FileManager.default.fileExists(atPath: found) { return folder == current ? name : found }
            folder = (folder as NSString).deletingLastPathComponent
        }
        return name
    }
}
