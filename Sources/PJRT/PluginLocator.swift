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
        /// A package of the active virtual environment's Python, or of the one that is first on the path.
        case pythonPackage
    }

    package let path: String
    package let origin: Origin

    package init(path: String, origin: Origin) {
        self.path = path
        self.origin = origin
    }
}

/// Finds PJRT plugins: the one asked for, else the environment's, then those of the set-up folder, then those that
/// installed Python packages bring along, where JAX puts them.
///
/// In a folder of plugins a CPU's comes first, then the others by name, of one name the later version first:
/// `cpu`, `xla_cuda13`, `xla_cuda12`. Nothing is loaded.
package struct PluginLocator: Sendable {
    /// The environment variable that names a plugin.
    package static let environmentVariable = "PJRT_PLUGIN_LIBRARY_PATH"

    /// A path the user gave; nothing else is then considered.
    package var explicitPath: String?
    /// The set-up folder; plugins lie in `plugins/<name>/` below it.
    package var setUpFolder: String?
    package var environment: [String: String]

    /// - Parameter environment: Environment variables; nil takes the process's own.
    package init(
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
    package func candidates() throws(PJRTError) -> [PluginCandidate] {
        var found = try givenOrSetUp()
        if explicitPath == nil { found += inPythonPackages() }
        var seen: Set<String> = []
        return found.filter { seen.insert(URL(filePath: $0.path).resolvingSymlinksInPath().path()).inserted }
    }

    /// The first of ``candidates()`` that is wanted. Python is asked for its packages only where no other place has one.
    package func first(where isWanted: (PluginCandidate) -> Bool) throws(PJRTError) -> PluginCandidate? {
        let found = try givenOrSetUp()
        if let wanted = found.first(where: isWanted) { return wanted }
        return explicitPath == nil ? inPythonPackages().first(where: isWanted) : nil
    }

    private func givenOrSetUp() throws(PJRTError) -> [PluginCandidate] {
        if let explicitPath { return [try existing(explicitPath, .explicit)] }
        var found: [PluginCandidate] = []
        if let path = environment[Self.environmentVariable], !path.isEmpty {
            found.append(try existing(path, .environment))
        }
        if let setUpFolder {
            let folder = URL(filePath: setUpFolder).appending(path: "plugins")
            found += plugins(below: folder).map { PluginCandidate(path: $0, origin: .setUpFolder) }
        }
        return found
    }

    /// The folders from which Python imports packages; empty without one.
    package func pythonPackageFolders() -> [String] { PythonPackages(environment: environment).folders() }

    private func inPythonPackages() -> [PluginCandidate] {
        pythonPackageFolders().flatMap { packages in
            plugins(below: URL(filePath: packages).appending(path: "jax_plugins"))
                .map { PluginCandidate(path: $0, origin: .pythonPackage) }
        }
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
        return names.map(PluginFolderName.init).sorted().flatMap { name in
            let package = folder.appending(path: name.text).resolvingSymlinksInPath()
            let paths =
                files.enumerator(atPath: package.path(percentEncoded: false))?.compactMap { $0 as? String } ?? []
            return paths.filter(isPluginName).sorted().map { package.appending(path: $0).path(percentEncoded: false) }
        }
    }

    private func isPluginName(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        return name.hasSuffix(".so") && (name.contains("plugin") || name.contains("pjrt"))
    }
}

/// The name of a folder with a plugin, in the order of preference.
private struct PluginFolderName: Comparable {
    let text: String
    private let platform: Substring
    private let version: Int

    init(_ text: String) {
        self.text = text
        let digits = text.reversed().prefix { $0.isASCII && $0.isNumber }.count
        platform = text.dropLast(digits)
        version = Int(text.suffix(digits)) ?? 0
    }

    static func < (left: PluginFolderName, right: PluginFolderName) -> Bool {
        let (leftIsCPU, rightIsCPU) = (left.platform == "cpu", right.platform == "cpu")
        if leftIsCPU != rightIsCPU { return leftIsCPU }
        if left.platform != right.platform { return left.platform < right.platform }
        return left.version > right.version
    }
}
