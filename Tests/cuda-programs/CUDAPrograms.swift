import ArgumentParser
import Compute
import Foundation
import PJRT
import StableHLO
import Synchronization

@main
struct CUDAPrograms: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cuda-programs",
        abstract: "Compile what flowmatch runs on NVIDIA's GPUs for GPUs that are not there, and see what comes of it.")

    @Option(help: "XLA's plugin; by default that of `make setup-cuda`, else JAX's.")
    var plugin: String?

    @Option(help: "The folder of golden files.")
    var goldens = "Tests/VerificationTests/Goldens"

    @Option(help: "A file for the table, written anew with each program.")
    var table: String?

    @Option(parsing: .upToNextOption, help: "GPUs: H100, A100, B200. All programs are compiled for the first.")
    var gpus = GPUDescription.all.map(\.shortName)

    @Option(parsing: .upToNextOption, help: "Networks.")
    var networks = ["unet", "dit", "mamba"]

    @Option(parsing: .upToNextOption, help: "Precisions: fp32, tf32, bf16.")
    var precisions = MatrixPrecision.allCases.map(\.rawValue)

    @Option(parsing: .upToNextOption, help: "Names of programs, such as training; by default all.")
    var programs: [String] = []

    @Option(help: "Programs that are compiled at a time.")
    var jobs = 1

    @Option(parsing: .upToNextOption, help: "Flags of XLA's, as xla_gpu_enable_triton_gemm=false.")
    var flags: [String] = []

    func run() throws {
        guard jobs > 0 else { throw ValidationError("--jobs takes a number from 1 on.") }
        guard jobs == 1 || table == nil else {
            throw ValidationError("--table takes one job: processor time is not told apart between several.")
        }
        let chosen = try gpus.map { name in
            guard let gpu = GPUDescription.all.first(where: { $0.shortName == name }) else {
                throw ValidationError("'\(name)' is not a GPU described here.")
            }
            return gpu
        }
        let precisions = try precisions.map { name in
            guard let precision = MatrixPrecision(rawValue: name) else {
                throw ValidationError("'\(name)' is not a precision.")
            }
            return precision
        }
        let compiler = try Compiler(pluginPath: pluginPath(), flags: Dictionary(flags.map(Self.flag)) { $1 })
        // The reference Mamba's: 16 states a channel, 64 patches of an image.
        let scans = try chosen.map { ($0, try compiler.compileScan(for: $0, states: 16, length: 64)) }
        let orders = try chosen.enumerated().flatMap { index, gpu in
            let topology = try compiler.topology(of: gpu)
            return try ProgramList.list(
                networks: networks, precisions: precisions, goldens: URL(fileURLWithPath: goldens),
                isComplete: index == 0
            ).filter { programs.isEmpty || programs.contains($0.name) }.map { ($0, gpu, topology) }
        }
        let compiled = try compile(orders, compiler) { compiled in
            guard let table else { return }
            let text = ProgramTable.text(
                compiled, of: orders.count, compiler: compiler.description, scans: scans)
            try Data(text.utf8).write(to: URL(fileURLWithPath: table), options: .atomic)
        }
        say(ProcessorUse.current)
        guard compiled.allSatisfy(\.complaints.isEmpty) else { throw ExitCode.failure }
    }

    /// Compiles all of a list, in its order or several beside each other; says of each what came of it.
    ///
    /// - Parameter whenOneIsThere: is given all that are, in the order of the list
    private func compile(
        _ orders: [(ListedProgram, GPUDescription, Topology)], _ compiler: Compiler,
        whenOneIsThere: @Sendable @escaping ([CompiledProgram]) throws -> Void
    ) throws -> [CompiledProgram] {
        let results = Mutex<[Int: Result<CompiledProgram, any Error>]>([:])
        let queue = OperationQueue()
        queue.maxConcurrentOperationCount = jobs
        for (index, (listed, gpu, topology)) in orders.enumerated() {
            queue.addOperation {
                let result = Result { try CompiledProgram(listed, for: gpu, on: topology, compiler) }
                results.withLock { results in
                    results[index] = result
                    guard let program = try? result.get() else { return }
                    say(program)
                    do { try whenOneIsThere(orders.indices.compactMap { try? results[$0]?.get() }) } catch {
                        results[index] = .failure(error)
                    }
                }
            }
        }
        queue.waitUntilAllOperationsAreFinished()
        return try results.withLock { results in try orders.indices.compactMap { try results[$0]?.get() } }
    }

    private func pluginPath() throws -> String {
        let locator = PluginLocator(explicitPath: plugin, setUpFolder: SetUpFolder.path)
        guard let found = try locator.first(where: { plugin != nil || $0.path.contains("cuda") }) else {
            throw NoCUDAPlugin(path: nil)
        }
        return found.path
    }

    private static func flag(_ text: String) throws -> (String, CompileOptions.Flag) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw ValidationError("'\(text)' is not a flag and its value.") }
        if let flag = Bool(parts[1]) { return (parts[0], .bool(flag)) }
        if let integer = Int64(parts[1]) { return (parts[0], .int(integer)) }
        return (parts[0], .string(parts[1]))
    }
}

/// At once, also into a file that somebody watches.
private func say(_ text: some CustomStringConvertible) {
    FileHandle.standardOutput.write(Data("\(text)\n".utf8))
}

extension CompiledProgram: CustomStringConvertible {
    var description: String {
        let line =
            "\(gpu.shortName) \(listed.network) \(listed.name) \(listed.precision.rawValue): \(module.kernels) kernels, "
            + "\(temporaryBytes >> 20) MiB of temporaries, " + String(format: "%.1f s", processorSeconds)
        let calls = module.customCalls.merging(module.kernelsByOpcode) { $1 }.sorted { $0.key < $1.key }
            .filter { $0.key != "custom-call" }.map { "\($1) \($0)" }
        let first = line + (calls.isEmpty ? "" : "; " + calls.joined(separator: ", "))
        return ([first] + complaints.map { "  WRONG: \($0)" }).joined(separator: "\n")
    }
}

/// What this process has asked of the processors so far.
struct ProcessorUse: CustomStringConvertible {
    /// Of processor time, the program's and the system's.
    let seconds: Double
    private let switches: (voluntary: Int, involuntary: Int)

    static var current: ProcessorUse {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds = { (time: timeval) in Double(time.tv_sec) + 1e-6 * Double(time.tv_usec) }
        return ProcessorUse(
            seconds: seconds(usage.ru_utime) + seconds(usage.ru_stime), switches: (usage.ru_nvcsw, usage.ru_nivcsw))
    }

    var description: String {
        String(
            format: "%.1f s of processor time, %d voluntary and %d involuntary context switches", seconds,
            switches.voluntary, switches.involuntary)
    }
}
