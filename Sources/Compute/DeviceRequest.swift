import CPUKernels
import Foundation
import PJRT
public import StableHLO
import Tensors

/// Which plugin and devices a program is to run on, and how.
public struct DeviceRequest: Sendable {
    /// A plugin's shared library; nil to look for one.
    public var plugin: String?
    /// The platform and its first device; nil for the first plugin found.
    public var device: DeviceSelection?
    /// Devices that share each step's work.
    public var deviceCount = 1
    /// Threads that a CPU's programs and kernels compute with; nil for the cores that this process may use.
    public var threadCount: Int?
    /// As many as the kernels' team has at most.
    package static let threadCounts = 1...256
    /// The share of a GPU's memory to use; nil for the plugin's own choice, as below.
    public var memoryFraction: Double?
    /// Whether a GPU's memory is taken at the start.
    public var preallocates: Bool?
    /// How a GPU's memory is taken; nil leaves it to the plugin.
    public var allocator: GPUAllocator?
    /// Whether compiled programs are kept on disk and taken from there.
    public var usesDiskCache = true
    /// Whether this project's kernels are registered where the plugin takes them.
    public var usesNativeKernels = true

    /// The first device of the first plugin that is found.
    public init() {}

    /// Opens plugin and devices.
    ///
    /// - Parameters:
    ///   - precision: of matrix products and convolutions
    ///   - onProblem: told in a sentence what makes computing slower than need be
    ///   - onCompilation: told of each program that is compiled or loaded
    /// - Throws: ``NoPlugin`` and its kin, ``NotEnoughResources``, ``ComputeError``, `PJRTError`
    public func engine(
        precision: MatrixPrecision = .float32, onProblem: (String) -> Void = { _ in },
        onCompilation: @escaping @Sendable (Engine.CompilationEvent) -> Void = { _ in }
    ) throws -> Engine {
        let group = try open()
        var lowering = LoweringOptions(precision: precision)
        // XLA does not divide a call of native code.
        let hasNativeKernels = usesNativeKernels && deviceCount == 1
        if precision == .bfloat16 && group.client.platformName == "cpu" {
            if !hasNativeKernels {
                onProblem("without native kernels, products of bfloat16 are emulated on a CPU; fp32 is faster")
            } else if !InstructionSet.current.multipliesBFloat16 {
                onProblem(
                    "this processor does not multiply bfloat16 (AVX512_BF16); products stay float32, as with fp32")
            }
        }
        if hasNativeKernels {
            let registration = try NativeKernels.register(on: group.client, setUpFolder: SetUpFolder.path)
            lowering.nativeKernels = registration.kernels
            if let problem = registration.problem { onProblem(problem) }
        }
        let cache = usesDiskCache ? DiskCache.standard : nil
        return Engine(device: group, cache: cache, loweringOptions: lowering, onCompilation: onCompilation)
    }

    private func open() throws -> DeviceGroup {
        let locator = PluginLocator(explicitPath: plugin, setUpFolder: SetUpFolder.path)
        let candidate = try locator.first { $0.origin == .explicit || device?.isServed(byPluginAt: $0.path) ?? true }
        guard let candidate else {
            let found = try locator.candidates().map(\.path)
            guard let device, !found.isEmpty else { throw NoPlugin() }
            throw NoPluginForPlatform(platform: device.platform, found: found)
        }
        try MachineLimits.current.checkLeast()
        let loaded = try Plugin.load(path: candidate.path)
        let kind = PluginKind(loaded)
        guard kind == .gpu || gpuOptions.isEmpty else { throw NotAGPU(plugin: loaded.path) }
        try setThreads(kind, loaded)
        let first = device?.index ?? 0
        guard (1...DeviceSelection.indices.count).contains(deviceCount) else {
            throw NoSuchDeviceCount(count: deviceCount)
        }
        let wanted = first..<first + deviceCount
        let options = kind.clientOptions(devices: wanted).merging(gpuOptions) { $1 }
        let client = try open(loaded, options, kind, wanted)
        if let device, device.platform != client.platformName.lowercased() {
            throw OtherPlatform(asked: device.platform, actual: client.platformName, plugin: loaded.path)
        }
        guard kind != .gpu || client.devices.count == deviceCount else {
            throw ComputeError.noSuchDevice(
                index: wanted.upperBound - 1, count: first + client.devices.count, platform: client.platformName)
        }
        return try DeviceGroup(client, first: kind.firstDevice(of: wanted), count: deviceCount)
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

    /// What XLA's plugin for CPUs reads the size of its thread pools from, once, when its client is made.
    private static let poolSizeVariable = "PJRT_NPROC"

    /// The kernels' threads, and the plugin's own: it knows which cores it may run on, but not how much of them (cgroups).
    private func setThreads(_ kind: PluginKind, _ plugin: Plugin) throws {
        if let threadCount {
            guard kind != .gpu else { throw NotACPU(plugin: plugin.path) }
            KernelResources.threadCount = threadCount
        }
        guard kind == .cpu else { return }
        let count = KernelResources.threadCount
        if threadCount != nil || count < ProcessInfo.processInfo.activeProcessorCount {
            setenv(DeviceRequest.poolSizeVariable, "\(count)", threadCount == nil ? 0 : 1)
        }
    }

    private var gpuOptions: [String: NamedValue] {
        var options: [String: NamedValue] = [:]
        if let memoryFraction { options["memory_fraction"] = .float(Float(memoryFraction)) }
        if let preallocates { options["preallocate"] = .bool(preallocates) }
        if let allocator { options["allocator"] = .string(allocator.rawValue) }
        return options
    }
}

/// A platform and a device of it, written `cuda:1`.
public struct DeviceSelection: Sendable {
    /// Numbers of devices that may be asked for.
    package static let indices = 0..<4096

    /// Of the plugin: `cpu`, `cuda`, ...
    public let platform: String
    /// Among the plugin's devices, from 0.
    public let index: Int

    /// Nil for a text of another form.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, parts.count <= 2 else { return nil }
        guard let index = parts.count == 2 ? Int(parts[1]) : 0, Self.indices.contains(index) else { return nil }
        platform = name.lowercased()
        self.index = index
    }

    /// Plugins are named after their platform: `xla_cuda_plugin.so`, `pjrt_c_api_cpu_plugin.so`.
    func isServed(byPluginAt path: String) -> Bool {
        path.split(separator: "/").suffix(2).contains { $0.lowercased().contains(platform) }
    }
}
