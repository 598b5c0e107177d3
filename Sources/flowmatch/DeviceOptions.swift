import ArgumentParser
import Compute
import Foundation
import PJRT
import Tracing

/// Options of every command that computes: which plugin, which device, which cache.
struct DeviceOptions: ParsableArguments {
    @Option(help: "The PJRT plugin to run on, a shared library; found by itself where left out.")
    var plugin: String?

    @Flag(help: "Compile anew instead of taking compiled programs from the cache on disk.")
    var noCache = false

    @Flag(help: "Leave everything to XLA: do not use this project's own CPU kernels.")
    var noNativeKernels = false

    /// Where `make setup` puts plugins and data, below the current folder.
    static let setUpFolder = ".setup"

    /// Opens the plugin and the device; says how long compilations take that a person would notice.
    ///
    /// - Parameter log: told of every compilation
    func engine(_ log: CompilationLog = CompilationLog()) throws -> Engine {
        let locator = PluginLocator(explicitPath: plugin, setUpFolder: DeviceOptions.setUpFolder)
        guard let candidate = try locator.candidates().first else { throw NoPlugin() }
        let loaded = try Plugin.load(path: candidate.path)
        let client = try Client(loaded)
        guard let device = client.devices.first else {
            throw ComputeError.noSuchDevice(index: 0, count: 0, platform: client.platformName)
        }
        var lowering = LoweringOptions()
        if !noNativeKernels {
            let registration = try NativeKernels.register(on: client, setUpFolder: DeviceOptions.setUpFolder)
            lowering.nativeKernels = registration.names
            if let problem = registration.problem { Terminal.note("slower without oneDNN: \(problem)") }
        }
        return Engine(device: device, cache: noCache ? nil : .standard, loweringOptions: lowering) { compilation in
            log.record(compilation)
            guard compilation.seconds >= 0.5 else { return }
            let origin = compilation.fromDisk ? "loaded from the cache" : "compiled"
            Terminal.note("\(compilation.program): \(origin) in \(String(format: "%.1f", compilation.seconds)) s")
        }
    }
}

/// No plugin anywhere.
struct NoPlugin: Error, CustomStringConvertible {
    let description =
        "no PJRT plugin was found; run `make setup`, or name one with --plugin or \(PluginLocator.environmentVariable)"
}
