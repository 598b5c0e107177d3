import ArgumentParser
import Compute
import PJRT

struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List every plugin found, its API version, platform and devices.",
        discussion: """
            Plugins are looked for in this order: --plugin, $PJRT_PLUGIN_LIBRARY_PATH, the folder that `make setup` \
            fills, installed Python packages (jax_plugins). The first is the one other commands use.
            """)

    @Option(help: "A PJRT plugin, a shared library.")
    var plugin: String?

    func run() throws {
        let candidates = try PluginLocator(explicitPath: plugin, setUpFolder: DeviceOptions.setUpFolder).candidates()
        guard !candidates.isEmpty else { throw NoPlugin() }
        for (index, candidate) in candidates.enumerated() {
            print("\(index == 0 ? "*" : " ") \(candidate.path)  (\(candidate.origin))")
            do {
                try describe(candidate.path)
            } catch {
                if index == 0 { throw error }
                print("    cannot be used: \(error)")
            }
        }
    }

    private func describe(_ path: String) throws {
        let loaded = try Plugin.load(path: path)
        let client = try Client(loaded)
        print("    PJRT API \(loaded.apiVersion.major).\(loaded.apiVersion.minor), platform \(client.platformName)")
        print("    \(client.platformVersion.split(separator: "\n").joined(separator: ", "))")
        for device in client.devices { print("    device \(device.id): \(device.kind)") }
        let registration = try NativeKernels.register(on: client, setUpFolder: DeviceOptions.setUpFolder)
        if !registration.names.isEmpty {
            print("    \(registration.names.count) native kernels, \(registration.origin)")
        }
        if let problem = registration.problem { print("    slower than need be: \(problem)") }
    }
}
