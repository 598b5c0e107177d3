/// What can go wrong when the native kernels are set up. A kernel called with wrong shapes reports to XLA instead.
package enum CPUKernelError: Error, Sendable, Hashable {
    /// oneDNN could not be loaded.
    case oneDNNUnavailable(path: String, reason: String)
    /// The machine lacks an instruction set that was asked for.
    case unsupportedInstructionSet(InstructionSet)
}

extension CPUKernelError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .oneDNNUnavailable(let path, let reason):
            "oneDNN at \(path) cannot be used (\(reason)); give the path of libdnnl.so.3 from the wheel "
                + "onednn-cpu-gomp, and install libgomp if it is missing"
        case .unsupportedInstructionSet(let set):
            "this machine has no \(set.name) instructions; choose one of "
                + InstructionSet.allCases.filter(\.isSupported).map(\.name).joined(separator: ", ")
        }
    }
}
