import Foundation
import PJRT
package import Testing

/// The plugin that the tests run on: the environment's, else the CPU's that the set-up put in `.setup/plugins/cpu`.
package enum PluginGate {
    static let path: String? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var environment = ProcessInfo.processInfo.environment
        if let given = environment[PluginLocator.environmentVariable], !given.isEmpty { return given }
        // Plugins of the machine's Python are not what the tests are about.
        environment["PATH"] = nil
        environment["VIRTUAL_ENV"] = nil
        let folder = root.appending(path: ".setup").path(percentEncoded: false)
        let candidates = try? PluginLocator(setUpFolder: folder, environment: environment).candidates()
        return candidates?.first { $0.path.contains("/plugins/cpu/") }?.path
    }()

    /// Without a plugin the tests fail, unless the environment says that none is to be expected.
    package static var isOpen: Bool {
        path != nil || ProcessInfo.processInfo.environment["FLOWMATCH_NO_PLUGIN_TESTS"] != "1"
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs the test on the plugin; leaves it out only where `FLOWMATCH_NO_PLUGIN_TESTS=1` and there is none.
    package static var needsPlugin: Self {
        .enabled(if: PluginGate.isOpen, "no plugin, and FLOWMATCH_NO_PLUGIN_TESTS=1")
    }
}

/// Why no test can run on a plugin.
package struct NoPluginError: Error, CustomStringConvertible {
    package var description: String {
        "no plugin found: run the set-up or set \(PluginLocator.environmentVariable); "
            + "FLOWMATCH_NO_PLUGIN_TESTS=1 leaves out the tests that need one"
    }
}
