import StableHLO

/// The table of all programs, for a file whose changes are looked at.
enum ProgramTable {
    /// - Parameter count: how many programs there are to be; where they are not all there, the table says so.
    static func text(
        _ programs: [CompiledProgram], of count: Int, compiler: String, scans: [(gpu: GPUDescription, bytes: Int)]
    ) -> String {
        let gpus = programs.map(\.gpu.name).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let sections = gpus.map { gpu in
            let rows = programs.filter { $0.gpu.name == gpu }.map(row)
            return "## \(gpu)\n\n" + (header + rows).joined(separator: "\n")
        }
        let missing = programs.count < count ? "\n**Not complete:** \(programs.count) of \(count) programs.\n" : ""
        let kernels = scans.map { "\($0.gpu.architecture): \($0.bytes) bytes" }.joined(separator: ", ")
        return """
            # What the compiler makes of our programs on NVIDIA's GPUs

            Written by `make test-cuda`, which compiles them for GPUs that are not there: \(compiler). What a change of this table
            says is told in [README.md](README.md#programs-for-a-gpu-without-one). Nothing is timed on a GPU, so that none of
            XLA's choices is by time, as those on a GPU are. Seconds are of processor time, all cores together, for XLA's compiling.

            The selective scan with its gradient, machine code of NVRTC's: \(kernels).
            \(missing)
            \(sections.joined(separator: "\n\n"))

            """
    }

    private static let header = [
        "| network | program | precision | kernels | of these fusions | cuBLAS and cuDNN | ours | temporaries, MiB | processor seconds |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]

    private static func row(_ program: CompiledProgram) -> String {
        let module = program.module
        let cells: [any CustomStringConvertible] = [
            program.listed.network, program.listed.name, program.listed.precision.rawValue, module.kernels,
            module.fusions, program.libraryCalls, program.nativeCalls,
            program.temporaryBytes >> 20, Int(program.processorSeconds.rounded()),
        ]
        return "| " + cells.map { "\($0)" }.joined(separator: " | ") + " |"
    }
}
