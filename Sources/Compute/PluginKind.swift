package import PJRT

/// How XLA manages a GPU's memory. The raw values are the plugin's names.
public enum GPUAllocator: String, CaseIterable, Sendable {
    /// XLA's own: a pool that it divides by best fit with coalescing.
    case bfc
    /// The CUDA driver's pool.
    case cudaAsync = "cuda_async"
    /// None: each array is allocated and freed by itself.
    case platform
}

/// The kind of devices a plugin serves, as far as it matters to what its client is told.
public enum PluginKind: Sendable {
    /// What its devices are.
    case cpu, gpu, other

    /// XLA's plugin for NVIDIA's GPUs says what it is; others are named after their platform, or their folder is.
    package init(_ plugin: Plugin) {
        let names = plugin.path.split(separator: "/").suffix(2).reversed().map { $0.lowercased() }
        let kinds = names.lazy.compactMap { name -> PluginKind? in
            ["cuda", "rocm"].contains(where: name.contains) ? .gpu : name.contains("cpu") ? .cpu : nil
        }
        self = plugin.cudaVersion != nil ? .gpu : kinds.first ?? .other
    }

    /// What a client with these devices is told; each kind of plugin knows its own names.
    ///
    /// A GPU plugin sees the devices asked for and no other, so that it takes no memory of those; the first of them is
    /// then its device 0. A CPU plugin makes as many devices as it is asked for.
    func clientOptions(devices: Range<Int>) -> [String: NamedValue] {
        switch self {
        case .cpu: ["cpu_device_count": .int64(Int64(devices.upperBound))]
        case .gpu: ["visible_devices": .int64List(devices.map(Int64.init))]
        case .other: [:]
        }
    }

    /// Where the first of the devices asked for is in the client's list.
    func firstDevice(of devices: Range<Int>) -> Int { self == .gpu ? 0 : devices.lowerBound }
}
