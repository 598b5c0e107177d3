/// What can go wrong when the kernels are set up. A kernel called with wrong shapes reports to XLA instead.
package enum CUDAKernelError: Error, Sendable, Hashable {
    /// No file or name of a library could be loaded as NVRTC; `reason` is the last one's.
    case nvrtcUnavailable(reason: String)
    /// The driver, or the compiler for one of the devices, is missing.
    case devicesUnavailable(reason: String)
}

extension CUDAKernelError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .nvrtcUnavailable(let reason):
            "NVRTC, CUDA's compiler of kernels, was not found (\(reason)); install the Python package nvidia-cuda-nvrtc "
                + "(for CUDA 12: nvidia-cuda-nvrtc-cu12), or name libnvrtc.so in \(NVRTC.environmentVariable)"
        case .devicesUnavailable(let reason): reason
        }
    }
}
