import Basis
import Foundation
import PJRT
public import StableHLO
import Synchronization
public import Tensors

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
        /// Somebody needs what is compiled beside other work.
        case awaited(program: String)
    }

    /// What programs run on.
    public let device: DeviceGroup
    /// How functions become programs.
    public let loweringOptions: LoweringOptions
    private let cache: DiskCache?
    private let onCompilation: @Sendable (CompilationEvent) -> Void
    private let executables = Mutex<[String: ExecutableSlot]>([:])
    /// Where programs are compiled ahead of need: many beside each other where there are many cores, since the compiler
    /// itself uses several.
    private let ahead = OperationQueue()

    /// - Parameters:
    ///   - device: where programs run
    ///   - cache: a folder for compiled programs, nil to compile anew in every process
    ///   - loweringOptions: how functions become programs
    ///   - onCompilation: told of each program that was not in memory, on the thread that asked for it
    package init(
        device: DeviceGroup, cache: DiskCache? = nil, loweringOptions: LoweringOptions = LoweringOptions(),
        onCompilation: @escaping @Sendable (CompilationEvent) -> Void = { _ in }
    ) {
        self.device = device
        self.cache = cache
        var options = loweringOptions
        options.deviceCount = device.count
        self.loweringOptions = options
        self.onCompilation = onCompilation
        ahead.maxConcurrentOperationCount = max(1, ProcessInfo.processInfo.activeProcessorCount / 2 - 1)
    }

    /// The same device and cache with products of another precision; itself where that is its own.
    package func computing(in precision: MatrixPrecision) -> Engine {
        guard precision != loweringOptions.precision else { return self }
        var options = loweringOptions
        options.precision = precision
        return Engine(device: device, cache: cache, loweringOptions: options, onCompilation: onCompilation)
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

    /// Traces a computation and compiles it, or takes it from a cache.
    ///
    /// - Parameters:
    ///   - computation: what is needed now
    ///   - others: what will be needed next: compiled beside it where there are cores to spare, else after it while
    ///   other work goes on
    public func function(
        _ computation: Computation, preparing others: [Computation] = []
    ) throws(ComputeError) -> CompiledFunction {
        let hasCoresToSpare = ahead.maxConcurrentOperationCount > 1
        if hasCoresToSpare { prepare(others) }
        let function = try compile(computation.program(loweringOptions))
        if !hasCoresToSpare { prepare(others) }
        return function
    }

    /// Traces a computation and compiles it, or takes it from a cache, unless it is stopped before that: compiling goes on
    /// beside.
    ///
    /// - Parameters:
    ///   - computation: what is needed
    ///   - shouldStop: asked several times a second
    /// - Returns: nil where it was stopped
    package func function(
        _ computation: Computation, until shouldStop: () -> Bool
    ) throws(ComputeError) -> CompiledFunction? {
        let program = computation.program(loweringOptions)
        let (text, slot) = slot(of: program)
        let executable = try slot.executable(
            { [self] () throws(ComputeError) in try obtain(text, program.name) },
            onWaiting: { onCompilation(.awaited(program: program.name)) }, until: shouldStop)
        return executable.map { function(program, $0, slot) }
    }

    /// Begins to compile what will be needed, beside other work. Who then asks for it waits for the rest of that.
    ///
    /// What goes wrong is an error for who asks first.
    ///
    /// - Parameter computations: what will be needed
    package func prepare(_ computations: [Computation]) {
        for computation in computations {
            BackgroundWork.run(on: ahead) { [self] in
                let program = computation.program(loweringOptions)
                let (text, slot) = slot(of: program)
                slot.prepare { () throws(ComputeError) in try obtain(text, program.name) }
            }
        }
    }

    /// Compiles a program, or takes it from a cache.
    public func compile(_ program: Program) throws(ComputeError) -> CompiledFunction {
        let (text, slot) = slot(of: program)
        let executable = try slot.executable(
            { [self] () throws(ComputeError) in try obtain(text, program.name) },
            onWaiting: { onCompilation(.awaited(program: program.name)) })
        return function(program, executable, slot)
    }

    private func slot(of program: Program) -> (text: String, ExecutableSlot) {
        let text = program.text
        let slot = executables.withLock { slots in
            let slot = slots[text] ?? ExecutableSlot()
            slots[text] = slot
            return slot
        }
        return (text, slot)
    }

    private func function(
        _ program: Program, _ executable: LoadedExecutable, _ slot: ExecutableSlot
    ) -> CompiledFunction {
        CompiledFunction(program, executable, turns: isOnCPU ? slot.turns : nil)
    }

    private var isOnCPU: Bool { device.client.platformName == "cpu" }

    /// An XLA flag of its CPU compiler. Its schedule for concurrency keeps more temporaries alive at a time, and finds
    /// nothing to run side by side where native kernels take turns on all cores.
    private static let concurrencySchedule = "xla_cpu_enable_concurrency_optimized_scheduler"

    /// An XLA flag of its GPU compiler: where it keeps which of a kernel's variants was the fastest.
    private static let autotuningFolder = "xla_gpu_per_fusion_autotune_cache_dir"

    private var flags: [String: CompileOptions.Flag] {
        if isOnCPU { return [Engine.concurrencySchedule: .bool(false)] }
        guard device.client.plugin.cudaVersion != nil, let folder = cache?.autotuningFolder(for: device) else {
            return [:]
        }
        return [Engine.autotuningFolder: .string(folder.path)]
    }

    private func compile(_ text: String) throws(PJRTError) -> LoadedExecutable {
        var options = CompileOptions(
            partitionCount: device.count, usesSPMDPartitioning: device.count > 1,
            deviceIDs: device.devices.map(\.id), flags: flags)
        while true {
            do {
                return try device.client.compile(text, options: options)
            } catch {
                // A plugin of another version may not know a flag; its own choice is then as good as any.
                guard let unknown = options.flags.keys.first(where: "\(error)".contains) else { throw error }
                options.flags[unknown] = nil
            }
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
        let needs = (try? executable.program.memoryStatistics()) ?? nil
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
    package var secondsUntilNow: Double {
        let (seconds, attoseconds) = (ContinuousClock.now - self).components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}

extension ExecutableMemoryStatistics {
    /// What is there at a time; nil for more than can be counted.
    fileprivate var inUse: Int? { [arguments, outputs - aliased, temporaries].checkedSum }
}
