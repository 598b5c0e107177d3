import Compute
import PJRT
import StableHLO
import Tensors

/// What came of compiling a program for a GPU that is not there.
struct CompiledProgram {
    let listed: ListedProgram
    let gpu: GPUDescription
    /// What all cores together spent on compiling it, and on whatever else was compiled meanwhile.
    let processorSeconds: Double
    let module: OptimizedModule
    let temporaryBytes: Int
    /// What should not be as it is, in sentences.
    let complaints: [String]

    /// Libraries of NVIDIA's that XLA calls, and our own kernels. Whatever else is called is something that the compiler
    /// fell back on, or the partitioner left.
    private static let expectedTargets = ["__cublas$", "__cudnn$", "flow."]

    /// What XLA makes kernels of only where it has found no better way.
    private static let fallbacks: Set = ["convolution", "dot", "rng"]

    init(_ listed: ListedProgram, for gpu: GPUDescription, on topology: Topology, _ compiler: Compiler) throws {
        let program = listed.computation.program(compiler.lowering(listed.precision))
        let text = program.text
        let start = ProcessorUse.current
        let executable = try topology.compile(text, options: compiler.options)
        processorSeconds = ProcessorUse.current.seconds - start.seconds
        self.listed = listed
        self.gpu = gpu
        temporaryBytes = try executable.memoryStatistics()?.temporaries ?? 0
        guard let optimized = try executable.optimizedProgram() else {
            throw PJRTError.unsupported(feature: "telling what it made of a program", path: topology.plugin.path)
        }
        module = try OptimizedModule(optimized)
        complaints = Self.complaints(module, program)
    }

    private static func complaints(_ module: OptimizedModule, _ program: Program) -> [String] {
        var complaints: [String] = []
        let calls = module.customCalls
        for target in calls.keys.sorted() where !expectedTargets.contains(where: target.hasPrefix) {
            complaints.append("\(calls[target] ?? 0) calls of \(target), which nobody asked for")
        }
        // Inside a fusion of Triton's, products are what the fusion is for.
        for opcode in fallbacks.sorted() {
            let count = module.launched.count { $0.opcode == opcode }
            if count > 0 { complaints.append("\(count) \(opcode) left to themselves") }
        }
        for (name, count) in program.customCalls.sorted(by: { $0.key < $1.key }) where calls[name] ?? 0 < count {
            complaints.append("\(calls[name] ?? 0) of \(count) calls of our kernel \(name)")
        }
        return complaints
    }

    /// Products and convolutions by NVIDIA's libraries.
    var libraryCalls: Int { module.customCalls.reduce(0) { $0 + ($1.key.hasPrefix("__cu") ? $1.value : 0) } }

    /// Calls of our own kernels.
    var nativeCalls: Int { module.customCalls.reduce(0) { $0 + ($1.key.hasPrefix("flow.") ? $1.value : 0) } }
}
