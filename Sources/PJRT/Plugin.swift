internal import CPJRT
internal import Synchronization

/// A PJRT plugin: a shared library that compiles StableHLO and runs it on the devices of one platform.
///
/// A plugin is loaded once per file and never unloaded, so a `Plugin` lives as long as the process.
package final class Plugin: Sendable {
    /// The canonical path of the library.
    package let path: String
    /// The plugin's version of the PJRT ABI; the major version is always 0.
    package let apiVersion: (major: Int, minor: Int)
    /// What the plugin says of itself, such as `xla_version` and `stablehlo_current_version`.
    package let attributes: [String: NamedValue]

    /// The CUDA version that a plugin for NVIDIA's GPUs was built with, such as 13000.
    package var cudaVersion: Int? {
        if case .int64(let version) = attributes["cuda_version"] { Int(version) } else { nil }
    }

    /// Our copy of the function table: complete up to the functions that must be there, null after the plugin's end.
    nonisolated(unsafe) let functions: UnsafePointer<PJRTFunctions>

    private let library: SharedLibrary
    private static let loaded = Mutex<[String: Plugin]>([:])

    /// Loads a plugin, or returns it when it is loaded already.
    /// - Throws: ``PJRTError`` when there is no such file, it is not a whole shared library, it is no PJRT plugin, its
    ///   version does not fit, or it fails to initialise.
    package static func load(path: String) throws(PJRTError) -> Plugin {
        let library = try SharedLibrary(path: path)
        return try loaded.withLock { (plugins) throws(PJRTError) -> Plugin in
            if let plugin = plugins[library.path] { return plugin }
            let plugin = try Plugin(library)
            plugins[library.path] = plugin
            return plugin
        }
    }

    private init(_ library: SharedLibrary) throws(PJRTError) {
        typealias EntryPoint = @convention(c) () -> UnsafeRawPointer?
        self.library = library
        path = library.path
        let entryPoint = unsafeBitCast(try library.open(symbol: "GetPjrtApi"), to: EntryPoint.self)
        guard let table = entryPoint() else { throw .noEntryPoint(path: library.path) }
        functions = try Self.copyFunctions(from: table, path: library.path)
        apiVersion = (Int(functions.pointee.version.major), Int(functions.pointee.version.minor))

        let errors = ErrorReader(functions: functions)
        var initialization = PJRTEmptyArgs.zeroed
        try errors.check(functions.pointee.plugin_initialize(&initialization), .initializePlugin)
        guard let readAttributes = functions.pointee.plugin_attributes else {
            attributes = [:]
            return
        }
        var report = PJRTPluginAttributesArgs.zeroed
        try errors.check(readAttributes(&report), .readAttributes)
        attributes = NamedValue.dictionary(report.items, count: report.count)
    }

    /// Opens what the plugin opens by name, before it does.
    /// - Throws: ``PJRTError/nvidiaLibraryMissing(name:reason:plugin:)``
    func openDependencies() throws(PJRTError) {
        guard let cudaVersion, let libraries = NVIDIALibraries(cudaVersion: cudaVersion) else { return }
        try libraries.open(for: library)
    }

    /// Checks a plugin's function table and copies it; the copy is kept for the rest of the process.
    static func copyFunctions(
        from table: UnsafeRawPointer, path: String
    ) throws(PJRTError) -> UnsafePointer<PJRTFunctions> {
        var major: Int32 = -1
        var minor: Int32 = -1
        guard pjrt_read_version(table, &major, &minor), Int(major) == PJRT_VERSION_MAJOR else {
            throw .incompatibleVersion(path: path, major: Int(major), minor: Int(minor))
        }
        let copy = UnsafeMutablePointer<PJRTFunctions>.allocate(capacity: 1)
        if let missing = pjrt_copy_functions(table, copy) {
            copy.deallocate()
            throw .missingFunction(path: path, name: String(cString: missing))
        }
        return UnsafePointer(copy)
    }
}
