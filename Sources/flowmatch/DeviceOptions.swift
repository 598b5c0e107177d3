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

    @Option(help: "On a GPU: the share of its memory to use, from 0 to 1; left out, the plugin's (XLA: 0.75).")
    var memoryFraction: Double?

    @Flag(
        inversion: .prefixedNo,
        help: "On a GPU: take the memory at the start, not as it is needed; left out, the plugin's choice (XLA: yes).")
    var preallocate: Bool?

    @Option(help: "On a GPU: who manages its memory: XLA (bfc), the driver (cuda_async) or nobody (platform).")
    var allocator: GPUAllocator?

    @Flag(help: "Leave everything to XLA: do not use this project's own kernels.")
    var noNativeKernels = false

    func validate() throws {
        guard devices >= 1 else { throw ValidationError("--devices must be 1 or more.") }
        guard devices <= 4096 else { throw ValidationError("--devices must be 4096 or fewer.") }
        guard memoryFraction.map({ $0 > 0 && $0 <= 1 }) ?? true else {
            throw ValidationError("--memory-fraction must be above 0 and at most 1.")
        }
    }

    /// Opens the plugin and the devices; says how long compilations take that a person would notice.
    ///
    /// - Parameter log: told of every compilation
    func engine(_ log: CompilationLog = CompilationLog()) throws -> Engine {
        let group = try openDevices()
        var lowering = LoweringOptions(precision: precision)
        // XLA does not divide a call of native code.
        if !noNativeKernels && devices == 1 {
            let registration = try NativeKernels.register(on: group.client, setUpFolder: SetUpFolder.path)
            lowering.nativeKernels = registration.kernels
            if let problem = registration.problem { Terminal.note("slower than need be: \(problem)") }
        }
        let cache = noCache ? nil : DiskCache.standard
        return Engine(device: group, cache: cache, loweringOptions: lowering) { compilation in
            log.record(compilation)
            guard compilation.seconds >= 0.5 else { return }
            let origin = compilation.fromDisk ? "loaded from the cache" : "compiled"
            Terminal.note("\(compilation.program): \(origin) in \(String(format: "%.1f", compilation.seconds)) s")
        }
    }

    private func openDevices() throws -> DeviceGroup {
        let locator = PluginLocator(explicitPath: plugin, setUpFolder: SetUpFolder.path)
        let candidate = try locator.first { $0.origin == .explicit || device?.isServed(byPluginAt: $0.path) ?? true }
        guard let candidate else {
            let found = try locator.candidates().map(\.path)
            guard let device, !found.isEmpty else { throw NoPlugin() }
            throw NoPluginForPlatform(platform: device.platform, found: found)
        }
        let loaded = try Plugin.load(path: candidate.path)
        let kind = PluginKind(loaded)
        guard kind == .gpu || gpuOptions.isEmpty else { throw NotAGPU(plugin: loaded.path) }
        let first = device?.index ?? 0
        let wanted = first..<first + devices
        let options = kind.clientOptions(devices: wanted).merging(gpuOptions) { $1 }
        let client = try open(loaded, options, kind, wanted)
        if let device, device.platform != client.platformName.lowercased() {
            throw OtherPlatform(asked: device.platform, actual: client.platformName, plugin: loaded.path)
        }
        guard kind != .gpu || client.devices.count == devices else {
            throw ComputeError.noSuchDevice(
                index: wanted.upperBound - 1, count: first + client.devices.count, platform: client.platformName)
        }
        return try DeviceGroup(client, first: kind.firstDevice(of: wanted), count: devices)
    }

    private func open(
        _ plugin: Plugin, _ options: [String: NamedValue], _ kind: PluginKind, _ devices: Range<Int>
    ) throws -> Client {
        do {
            return try Client(plugin, options: options)
        } catch {
            guard kind == .gpu, case .failure(.createClient, _, let reason) = error else { throw error }
            throw GPUUnavailable(devices: devices, reason: reason)
        }
    }

    private var gpuOptions: [String: NamedValue] {
        var options: [String: NamedValue] = [:]
        if let memoryFraction { options["memory_fraction"] = .float(Float(memoryFraction)) }
        if let preallocate { options["preallocate"] = .bool(preallocate) }
        if let allocator { options["allocator"] = .string(allocator.rawValue) }
        return options
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
}
