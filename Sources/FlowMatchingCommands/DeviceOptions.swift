public import ArgumentParser
import CProcessMemory
public import Compute
import Experiments
import Foundation
import PJRT
public import StableHLO

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
        help:
            "On a CPU: threads to compute with; left out, the cores that affinity and the quota of control groups allow."
    )
    var threads: Int?

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
        let most = DeviceSelection.indices.count
        guard (1...most).contains(devices) else { throw ValidationError("--devices must be from 1 to \(most).") }
        guard threads.map(DeviceRequest.threadCounts.contains) ?? true else {
            let counts = DeviceRequest.threadCounts
            throw ValidationError("--threads must be from \(counts.lowerBound) to \(counts.upperBound).")
        }
        guard memoryFraction.map({ $0 > 0 && $0 <= 1 }) ?? true else {
            throw ValidationError("--memory-fraction must be above 0 and at most 1.")
        }
    }

    /// Opens the plugin and the devices; shows what is compiled as long as a person would notice.
    ///
    /// - Parameters:
    ///   - log: told of every compilation
    ///   - saysCompilations: whether a person is told of what takes long to compile
    func engine(
        _ precision: MatrixPrecision = .float32, _ log: CompilationLog = CompilationLog(),
        saysCompilations: Bool = true
    ) throws -> Engine {
        var request = DeviceRequest()
        request.plugin = plugin
        request.device = device
        request.deviceCount = devices
        request.threadCount = threads
        request.memoryFraction = memoryFraction
        request.preallocates = preallocate
        request.allocator = allocator
        request.usesDiskCache = !noCache
        request.usesNativeKernels = !noNativeKernels
        let watch = CompilationWatch(saysEnds: saysCompilations)
        let engine = try request.engine(
            precision: precision, onProblem: { Terminal.note("slower than need be: \($0)") },
            onCompilation: { event in
                switch event {
                case .began(let program): watch.begin(program)
                case .ended(let compilation):
                    log.record(compilation)
                    watch.end(compilation)
                    process_memory_trim()
                case .failed(let program): watch.giveUp(program)
                case .awaited(let program): watch.await(program)
                }
            })
        // Elsewhere arrays lie in the device's memory, and the plugin's threads only compile.
        if engine.device.client.platformName == "cpu" { _ = process_memory_keep() }
        return engine
    }
}

/// The precision of commands that compute with a run's weights without training them.
struct PrecisionOptions: ParsableArguments {
    @Option(help: "Precision of matrix products and convolutions: fp32, tf32 (NVIDIA GPUs) or bf16 with fp32 sums.")
    var precision: MatrixPrecision = .float32
}

extension MatrixPrecision: ExpressibleByArgument {}

extension GPUAllocator: ExpressibleByArgument {}

extension DeviceSelection: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
