public import ArgumentParser
import Compute
import Foundation
import PJRT
public import StableHLO
import Tracing

/// Options of every command that computes: which plugin, which device, which cache.
struct DeviceOptions: ParsableArguments {
    @Option(help: "The PJRT plugin to run on, a shared library; found by itself where left out.")
    var plugin: String?

    @Flag(help: "Compile anew instead of taking compiled programs from the cache on disk.")
    var noCache = false

    @Option(
        help: ArgumentHelp(
            "The platform to run on, and the number of its first device: cpu, cuda, cuda:1.",
            discussion: "Left out: the first plugin found.", valueName: "platform"))
    var device: DeviceSelection?

    @Option(help: "Devices that share each step's work, split by the batch.")
    var devices = 1

    @Option(
        help: ArgumentHelp(
            "Precision of matrix products and convolutions: fp32, tf32 (NVIDIA GPUs) or bf16 with fp32 sums.",
            discussion: "A run is resumed with the precision that it was begun with."))
    var precision: MatrixPrecision = .float32

    @Option(help: "On a GPU: the share of its memory to use, from 0 to 1.")
    var memoryFraction: Double?

    @Flag(inversion: .prefixedNo, help: "On a GPU: take the memory at the start, not as it is needed.")
    var preallocate: Bool?

    @Flag(help: "Leave everything to XLA: do not use this project's own CPU kernels.")
    var noNativeKernels = false

    /// Where `make setup` puts plugins and data, below the current folder.
    static let setUpFolder = ".setup"

    func validate() throws {
        guard devices >= 1 else { throw ValidationError("--devices must be 1 or more.") }
        guard memoryFraction.map({ $0 > 0 && $0 <= 1 }) ?? true else {
            throw ValidationError("--memory-fraction must be above 0 and at most 1.")
        }
    }

    /// Opens the plugin and the devices; says how long compilations take that a person would notice.
    ///
    /// - Parameter log: told of every compilation
    func engine(_ log: CompilationLog = CompilationLog()) throws -> Engine {
        let client = try openClient()
        let group = try DeviceGroup(client, first: device?.index ?? 0, count: devices)
        var lowering = LoweringOptions(precision: precision)
        // XLA does not divide a call of native code.
        if !noNativeKernels && devices == 1 {
            let registration = try NativeKernels.register(on: client, setUpFolder: DeviceOptions.setUpFolder)
            lowering.nativeKernels = registration.names
            if let problem = registration.problem { Terminal.note("slower without oneDNN: \(problem)") }
        }
        return Engine(device: group, cache: noCache ? nil : .standard, loweringOptions: lowering) { compilation in
            log.record(compilation)
            guard compilation.seconds >= 0.5 else { return }
            let origin = compilation.fromDisk ? "loaded from the cache" : "compiled"
            Terminal.note("\(compilation.program): \(origin) in \(String(format: "%.1f", compilation.seconds)) s")
        }
    }

    private func openClient() throws -> Client {
        let locator = PluginLocator(explicitPath: plugin, setUpFolder: DeviceOptions.setUpFolder)
        let candidates = try locator.candidates()
        guard !candidates.isEmpty else { throw NoPlugin() }
        guard let candidate = candidates.first(where: { device?.isServed(byPluginAt: $0.path) ?? true }) else {
            throw NoPluginForPlatform(platform: device?.platform ?? "", found: candidates.map(\.path))
        }
        let loaded = try Plugin.load(path: candidate.path)
        return try Client(loaded, options: clientOptions(candidate.path))
    }

    /// What a plugin is told when its client is made; each knows its own names.
    private func clientOptions(_ path: String) -> [String: NamedValue] {
        if DeviceSelection.isGPU(path) {
            var options: [String: NamedValue] = [:]
            if let memoryFraction { options["memory_fraction"] = .float(Float(memoryFraction)) }
            if let preallocate { options["preallocate"] = .bool(preallocate) }
            return options
        }
        // A CPU plugin makes as many devices as it is asked for.
        return ["cpu_device_count": .int64(Int64((device?.index ?? 0) + devices))]
    }
}

extension MatrixPrecision: ExpressibleByArgument {}

/// A platform and a device of it, written `cuda:1`.
struct DeviceSelection: ExpressibleByArgument {
    let platform: String
    let index: Int

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, parts.count <= 2 else { return nil }
        guard let index = parts.count == 2 ? Int(parts[1]) : 0, (0..<4096).contains(index) else { return nil }
        platform = name.lowercased()
        self.index = index
    }

    /// Plugins are named after their platform: `xla_cuda_plugin.so`, `pjrt_c_api_cpu_plugin.so`.
    func isServed(byPluginAt path: String) -> Bool {
        path.split(separator: "/").suffix(2).contains { $0.lowercased().contains(platform) }
    }

    static func isGPU(_ path: String) -> Bool {
        ["cuda", "rocm"].contains { platform in
            path.split(separator: "/").suffix(2).contains { $0.lowercased().contains(platform) }
        }
    }
}

/// Plugins are there, but none for the platform asked for.
struct NoPluginForPlatform: Error, CustomStringConvertible {
    let platform: String
    let found: [String]

    var description: String {
        "no PJRT plugin for '\(platform)' was found among \(found.joined(separator: ", ")); name one with --plugin"
    }
}

/// No plugin anywhere.
struct NoPlugin: Error, CustomStringConvertible {
    let description =
        "no PJRT plugin was found; run `make setup`, or name one with --plugin or \(PluginLocator.environmentVariable)"
}
