internal import Foundation

/// A plugin found on this machine, not yet loaded.
public struct PluginCandidate: Sendable, Hashable {
    /// Where a plugin's path came from.
    public enum Origin: Sendable, Hashable {
        /// Asked for by the user of the program.
        case explicit
        /// The environment variable `PJRT_PLUGIN_LIBRARY_PATH`.
        case environment
        /// The folder that the project's set-up fills.
        case setUpFolder
        /// A package of the Python that is first on the path.
        case pythonPackage
    }

    public let path: String
    public let origin: Origin

    public init(path: String, origin: Origin) {
        self.path = path
        self.origin = origin
    }
}

/// Finds PJRT plugins: the one asked for, else the environment's, then those of the set-up folder, then those that
/// installed Python packages bring along.
public struct PluginLocator: Sendable {
    /// The environment variable that names a plugin.
    public static let environmentVariable = "PJRT_PLUGIN_LIBRARY_PATH"

    /// A path the user gave; nothing else is then considered.
    public var explicitPath: String?
    /// The set-up folder; plugins lie in `plugins/<name>/` below it.
    public var setUpFolder: String?
    public var environment: [String: String]

    /// - Parameter environment: Environment variables; nil takes the process's own.
    public init(
        explicitPath: String? = nil, setUpFolder: String? = nil, environment: [String: String]? = nil
    ) {
        self.explicitPath = explicitPath
        self.setUpFolder = setUpFolder
        self.environment = environment ?? ProcessInfo.processInfo.environment
    }

    /// The plugins found, the preferred one first.
    ///
    /// A plugin is a file `*plugin*.so` or `*pjrt*.so`, save for a path that is given outright.
    /// - Throws: ``PJRTError/pluginNotFound(path:origin:)`` when the explicit path or the environment's names no file.
    public func candidates() throws(PJRTError) -> [PluginCandidate] {
        if let explicitPath { return [try existing(explicitPath, .explicit)] }
        var found: [PluginCandidate] = []
        if let path = environment[Self.environmentVariable], !path.isEmpty {
            found.append(try existing(path, .environment))
        }
        if let setUpFolder {
            let folder = URL(filePath: setUpFolder).appending(path: "plugins")
            found += plugins(below: folder).map { PluginCandidate(path: $0, origin: .setUpFolder) }
        }
        for packages in pythonPackageFolders() {
            let folder = URL(filePath: packages).appending(path: "jax_plugins")
            found += plugins(below: folder).map { PluginCandidate(path: $0, origin: .pythonPackage) }
        }
        var seen: Set<String> = []
        return found.filter { seen.insert(URL(filePath: $0.path).resolvingSymlinksInPath().path()).inserted }
    }

    private func existing(
        _ path: String, _ origin: PluginCandidate.Origin
    ) throws(PJRTError) -> PluginCandidate {
        guard FileManager.default.fileExists(atPath: path) else {
            throw .pluginNotFound(path: path, origin: origin)
        }
        return PluginCandidate(path: path, origin: origin)
    }

    /// Plugins in the folders of a folder, each searched to its bottom; the folders may be links.
    private func plugins(below folder: URL) -> [String] {
        let files = FileManager.default
        let names = (try? files.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
        return names.sorted().flatMap { name in
            let package = folder.appending(path: name).resolvingSymlinksInPath()
            let paths =
                files.enumerator(atPath: package.path(percentEncoded: false))?.compactMap { $0 as? String } ?? []
            return paths.filter(isPluginName).sorted().map { package.appending(path: $0).path(percentEncoded: false) }
        }
    }

    private func isPluginName(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        return name.hasSuffix(".so") && (name.contains("plugin") || name.contains("pjrt"))
    }

    /// The folders from which the first `python3` of the path imports packages; empty without one.
    public func pythonPackageFolders() -> [String] {
        let folders = (environment["PATH"] ?? "").split(separator: ":")
        let interpreters = folders.map { "\($0)/python3" }
        guard let interpreter = interpreters.first(where: FileManager.default.isExecutableFile(atPath:)) else {
            return []
        }
        let process = Process()
        process.executableURL = URL(filePath: interpreter)
        process.arguments = ["-c", "import sys; print(*sys.path, sep='\\n')"]
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return [] }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return [] }
        return text.split(separator: "\n").map(String.init)
    }
}
