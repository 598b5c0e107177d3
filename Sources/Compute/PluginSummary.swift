import PJRT

/// What a plugin is and has, for people.
package struct PluginSummary: Sendable {
    /// Versions and platform, a line for each device, native kernels.
    package let lines: [String]

    /// Loads a plugin and asks it.
    ///
    /// - Parameter path: of the shared library
    /// - Throws: `PJRTError` where the plugin cannot be used.
    package init(path: String) throws {
        let loaded = try Plugin.load(path: path)
        // To be listed, a GPU need not be taken into possession.
        let options: [String: NamedValue] = PluginKind(loaded) == .gpu ? ["preallocate": false] : [:]
        let client = try Client(loaded, options: options)
        var lines = [
            "PJRT API \(loaded.apiVersion.major).\(loaded.apiVersion.minor), platform \(client.platformName)",
            client.platformVersion.split(separator: "\n").joined(separator: ", "),
        ]
        lines += client.devices.map { "device \($0.id): \($0.kind)" }
        let registration = try NativeKernels.register(on: client, setUpFolder: SetUpFolder.path)
        if !registration.names.isEmpty {
            lines.append("\(registration.names.count) native kernels, \(registration.origin)")
        }
        if let problem = registration.problem { lines.append("slower than need be: \(problem)") }
        self.lines = lines
    }
}
