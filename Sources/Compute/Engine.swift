import Basis
import Foundation
import PJRT
public import StableHLO
import Synchronization
public import Tracing

/// Compiles programs for one device and keeps what it compiled.
///
/// Safe to use from several tasks. Equal programs are compiled once; with a disk cache, once a machine.
public final class Engine: Sendable {
    /// How a program became an executable.
    public struct Compilation: Sendable {
        /// The function's name.
        public let program: String
        /// Wall time.
        public let seconds: Double
        /// Whether an earlier process had compiled it.
        public let fromDisk: Bool
        /// What the program occupies of the device's memory while it runs; nil where the plugin does not tell.
        public let memoryInBytes: Int?
    }

    /// What happens to a program that is not in memory.
    public enum CompilationEvent: Sendable {
        /// It is not on the disk either.
        case began(program: String)
        /// It was compiled or loaded.
        case ended(Compilation)
        /// It cannot be compiled.
        case failed(program: String)
    }

    /// What programs run on.
    public let device: DeviceGroup
    /// How functions become programs.
    public let loweringOptions: LoweringOptions
    private let cache: DiskCache?
    private let onCompilation: @Sendable (CompilationEvent) -> Void
    private let executables = Mutex<[String: Slot]>([:])

    /// Where a program's executable is kept; locked while it is compiled, so that others who ask for it wait.
    private final class Slot: Sendable {
        let executable = Mutex<LoadedExecutable?>(nil)
        let turns = Turns()
    }

    /// - Parameters:
    ///   - device: where programs run
    ///   - cache: a folder for compiled programs, nil to compile anew in every process
    ///   - loweringOptions: how functions become programs
    ///   - onCompilation: told of each program that was not in memory, on the thread that asked for it
    public init(
        device: DeviceGroup, cache: DiskCache? = nil, loweringOptions: LoweringOptions = LoweringOptions(),
        onCompilation: @escaping @Sendable (CompilationEvent) -> Void = { _ in }
    ) {
        self.device = device
        self.cache = cache
        var options = loweringOptions
        options.deviceCount = device.count
        self.loweringOptions = options
        self.onCompilation = onCompilation
    }

    /// Traces a function and compiles it, or takes it from a cache.
    ///
    /// - Parameters:
    ///   - name: for messages and measurements
    ///   - arguments: their types
    ///   - donations: arguments whose memory a result takes over: argument index to result index.
    ///   - body: called once with symbolic arguments
    public func function(
        _ name: String, arguments: [TensorType], donations: [Int: Int] = [:], body: ([Tensor]) throws -> [Tensor]
    ) throws -> CompiledFunction {
        try compile(
            Tracer.program(name, arguments: arguments, donations: donations, options: loweringOptions, body: body))
    }

    /// Compiles a program, or takes it from a cache.
    public func compile(_ program: Program) throws(ComputeError) -> CompiledFunction {
        let text = program.text
        let slot = executables.withLock { slots in
            let slot = slots[text] ?? Slot()
            slots[text] = slot
            return slot
        }
        let executable = try slot.executable.withLock { (known) throws(ComputeError) in
            if let known { return known }
            let executable = try obtain(text, program.name)
            known = executable
            return executable
        }
        return CompiledFunction(program, executable, turns: isOnCPU ? slot.turns : nil)
    }

    private var isOnCPU: Bool { device.client.platformName == "cpu" }

    /// An XLA flag of its CPU compiler. Its schedule for concurrency keeps more temporaries alive at a time, and finds
    /// nothing to run side by side where native kernels take turns on all cores.
    private static let concurrencySchedule = "xla_cpu_enable_concurrency_optimized_scheduler"

    private func compile(_ text: String) throws(PJRTError) -> LoadedExecutable {
        var options = CompileOptions(
            partitionCount: device.count, usesSPMDPartitioning: device.count > 1,
            deviceIDs: device.devices.map(\.id))
        guard isOnCPU else { return try device.client.compile(text, options: options) }
        options.flags = [Engine.concurrencySchedule: .bool(false)]
        do {
            return try device.client.compile(text, options: options)
        } catch {
            // A plugin of another version may not know the flag; its own schedule is then as good as any.
            guard "\(error)".contains(Engine.concurrencySchedule) else { throw error }
            options.flags = [:]
            return try device.client.compile(text, options: options)
        }
    }

    /// Refuses a program that the machine has no memory for. A device's own memory is its plugin's to watch; a CPU's is
    /// handed out by a system that ends who takes more than there is.
    private func checkMemory(_ needs: ExecutableMemoryStatistics?, _ name: String) throws(ComputeError) {
        guard isOnCPU, let needs else { return }
        do {
            try MachineLimits.current.check(needs.inUse, for: "program \(name)")
        } catch { throw .memory(error) }
    }

    /// From the disk or the compiler.
    private func obtain(_ text: String, _ name: String) throws(ComputeError) -> LoadedExecutable {
        let start = ContinuousClock.now
        let fromDisk = cache?.load(text, for: device)
        let executable: LoadedExecutable
        if let fromDisk {
            executable = fromDisk
        } else {
            onCompilation(.began(program: name))
            do {
                executable = try compile(text)
            } catch {
                onCompilation(.failed(program: name))
                throw .plugin(error)
            }
            cache?.store(executable, of: text, for: device)
        }
        let needs = (try? executable.memoryStatistics()) ?? nil
        try checkMemory(needs, name)
        onCompilation(
            .ended(
                Compilation(
                    program: name, seconds: start.secondsUntilNow, fromDisk: fromDisk != nil,
                    memoryInBytes: needs?.inUse)))
        return executable
    }
}

extension ContinuousClock.Instant {
    /// Seconds from this instant until now.
    public var secondsUntilNow: Double {
        let (seconds, attoseconds) = (ContinuousClock.now - self).components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}

extension ExecutableMemoryStatistics {
    /// What is there at a time; nil for more than can be counted.
    fileprivate var inUse: Int? { [arguments, outputs - aliased, temporaries].checkedSum }
}
