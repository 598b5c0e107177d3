import ArgumentParser
import Compute
import Foundation
import PJRT
import Tracing

/// Options of every command that computes: which plugin, which device, which cache.
struct DeviceOptions: ParsableArguments {
    @Option(help: "The PJRT plugin to run on, a shared library. Found by itself where it is left out.")
    var plugin: String?

    @Flag(help: "Compile anew instead of taking compiled programs from the cache on disk.")
    var noCache = false

    /// Opens the plugin and the device, and says how long the first compilations take.
    func engine() throws -> Engine {
        let client = try openClient()
        guard let device = client.devices.first else {
            throw ComputeError.noSuchDevice(index: 0, count: 0, platform: client.platformName)
        }
        return Engine(device: device, cache: noCache ? nil : .standard) { compilation in
            guard compilation.seconds >= 0.5 else { return }
            let origin = compilation.fromDisk ? "loaded from the cache" : "compiled"
            FileHandle.standardError.write(
                Data("\(compilation.program): \(origin) in \(String(format: "%.1f", compilation.seconds)) s\n".utf8))
        }
    }

    private func openClient() throws -> Client {
        let locator = PluginLocator(explicitPath: plugin, setUpFolder: ".setup")
        guard let candidate = try locator.candidates().first else { throw ComputeError.noPlugin }
        return try Client(Plugin.load(path: candidate.path), options: ["cpu_device_count": 1])
    }
}
