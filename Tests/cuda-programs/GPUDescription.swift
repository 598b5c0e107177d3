/// A GPU as XLA's compiler knows it, so that programs can be compiled for one that is not there.
///
/// The figures are NVIDIA's of each GPU, in the form that openxla/xla keeps them (xla/backends/gpu/target_config/specs).
struct GPUDescription {
    let name: String
    /// As NVRTC names it, such as "sm_90".
    let architecture: String
    /// Streaming multiprocessors.
    let cores: Int
    /// Multiply-adds of float32 that one of them does in a clock.
    let float32UnitsPerCore: Int
    /// Operations of such a unit in 16 bits in a clock; one in 32.
    let float16PerClock: Int
    let clockGHz: Double
    /// Multiply-adds a clock of each of a core's four tensor units, in bfloat16; TF32 does half of them.
    let bfloat16PerTensorUnit: Int
    let tensorClockGHz: Double
    let sharedMemoryPerCore: Int
    let sharedMemoryPerBlock: Int
    let l2Bytes: Int
    let memoryBytes: Int
    /// Bytes a second.
    let memoryBandwidth: Int

    static let all = [h100, a100, b200]

    static let h100 = GPUDescription(
        name: "NVIDIA H100 80GB HBM3", architecture: "sm_90", cores: 132, float32UnitsPerCore: 128, float16PerClock: 2,
        clockGHz: 1.98, bfloat16PerTensorUnit: 512, tensorClockGHz: 1.8295201, sharedMemoryPerCore: 233_472,
        sharedMemoryPerBlock: 232_448, l2Bytes: 52_428_800, memoryBytes: 84_942_979_072,
        memoryBandwidth: 3_352_320_000_000)

    static let a100 = GPUDescription(
        name: "NVIDIA A100-SXM4-80GB", architecture: "sm_80", cores: 108, float32UnitsPerCore: 64, float16PerClock: 2,
        clockGHz: 1.41, bfloat16PerTensorUnit: 256, tensorClockGHz: 1.41, sharedMemoryPerCore: 167_936,
        sharedMemoryPerBlock: 166_912, l2Bytes: 41_943_040, memoryBytes: 85_100_068_864,
        memoryBandwidth: 2_039_040_000_000)

    static let b200 = GPUDescription(
        name: "NVIDIA B200", architecture: "sm_100", cores: 148, float32UnitsPerCore: 128, float16PerClock: 1,
        clockGHz: 1.965, bfloat16PerTensorUnit: 1024, tensorClockGHz: 1.8353101, sharedMemoryPerCore: 233_472,
        sharedMemoryPerBlock: 232_448, l2Bytes: 132_644_864, memoryBytes: 191_514_411_008,
        memoryBandwidth: 7_672_320_000_000)

    /// "H100" and the like.
    var shortName: String { String(name.split { " -".contains($0) }[1]) }

    /// The text of a `stream_executor.GpuTargetConfigProto`.
    ///
    /// - Parameter cudaVersion: of the plugin, such as 13000
    func text(cudaVersion: Int) -> String {
        let capability = Int(architecture.dropFirst("sm_".count)) ?? 0
        let (major, minor) = (capability / 10, capability % 10)
        let version = "\(cudaVersion / 1000).\(cudaVersion % 1000 / 10).0"
        // From the ninth generation on, a GPU has instructions that no later one has.
        let features = major >= 9 ? "ACCELERATED_FEATURES" : "NONE"
        let rates = { (clock: Double, units: Int, perClock: [(ElementKey, Int)]) in
            perClock.map { key, operations in
                "rate_infos { key: \(key.rawValue) value { clock_rate_ghz: \(clock) units_per_core: \(units) "
                    + "ops_per_clock: \(operations) } }"
            }.joined(separator: " ")
        }
        let (perClock, tensor) = (float16PerClock, bfloat16PerTensorUnit)
        let scalar = rates(
            clockGHz, float32UnitsPerCore, [(.float16, perClock), (.float32, 1), (.bfloat16, perClock)])
        let matrix = rates(tensorClockGHz, 4, [(.float16, tensor), (.float32, tensor / 2), (.bfloat16, tensor)])
        return """
            platform_name: "CUDA"
            device_description_str: "\(name)"
            dnn_version_info { major: 9 minor: 10 }
            gpu_device_info {
              name: "\(name)"
              device_vendor: "NVIDIA Corporation"
              cuda_compute_capability { major: \(major) minor: \(minor) feature_extension: \(features) }
              driver_version: "\(version)"
              runtime_version: "\(version)"
              compile_time_toolkit_version: "\(version)"
              dnn_version: "9.10.0"
              core_count: \(cores)
              fpus_per_core: \(float32UnitsPerCore)
              clock_rate_ghz: \(clockGHz)
              device_memory_size: \(memoryBytes)
              memory_bandwidth: \(memoryBandwidth)
              l2_cache_size: \(l2Bytes)
              shared_memory_per_core: \(sharedMemoryPerCore)
              shared_memory_per_block: 49152
              shared_memory_per_block_optin: \(sharedMemoryPerBlock)
              registers_per_core_limit: 65536
              registers_per_block_limit: 65536
              threads_per_warp: 32
              threads_per_block_limit: 1024
              threads_per_core_limit: 2048
              thread_dim_limit_x: 1024
              thread_dim_limit_y: 1024
              thread_dim_limit_z: 64
              block_dim_limit_x: 2147483647
              block_dim_limit_y: 65535
              block_dim_limit_z: 65535
              device_address_bits: 64
              ecc_enabled: true
              scalar_unit_description { \(scalar) }
              matrix_unit_description { \(matrix) }
            }
            """
    }

    /// XLA's numbers of element types.
    private enum ElementKey: Int {
        case float16 = 10
        case float32 = 11
        case bfloat16 = 16
    }
}
