import CPUKernels
import CUDAKernels
import Foundation
import KernelCalls
package import PJRT
import StableHLO
package import Tensors

/// Makes the project's native kernels known to a plugin.
package enum NativeKernels {
    /// Names the library of oneDNN; without it, the set-up folder is looked in.
    package static let environmentVariable = "ONEDNN_LIBRARY_PATH"

    /// What came of a registration.
    package struct Registration: Sendable {
        /// The composites that run natively.
        package let kernels: PlatformKernels
        /// What the kernels are made for and with, such as "AVX-512, with oneDNN 3.2.0".
        package let origin: String
        /// Why kernels that the platform could have are missing, if they are: XLA computes in their place.
        package let problem: String?

        /// Names of the composites that run natively.
        package var names: Set<String> { kernels.names }
    }

    /// Registers every kernel that can run on the client's platform.
    ///
    /// - Parameters:
    ///   - client: whose plugin is to know them
    ///   - setUpFolder: holds `lib/libdnnl.so.3` where `make setup` has run
    /// - Throws: ``ComputeError/plugin(_:)`` where the plugin refuses a kernel.
    package static func register(on client: Client, setUpFolder: String) throws(ComputeError) -> Registration {
        guard client.plugin.supportsFFI else { return Registration(kernels: [], origin: "", problem: nil) }
        do {
            switch client.platformName {
            case "cpu": return try registerCPUKernels(with: client.plugin, setUpFolder: setUpFolder)
            case "cuda": return try registerCUDAKernels(with: client.plugin)
            default: return Registration(kernels: [], origin: "", problem: nil)
            }
        } catch { throw .plugin(error) }
    }

    private static func registerCPUKernels(
        with plugin: Plugin, setUpFolder: String
    ) throws(PJRTError) -> Registration {
        var problem: String?
        let path = ProcessInfo.processInfo.environment[environmentVariable] ?? "\(setUpFolder)/lib/libdnnl.so.3"
        do {
            try OneDNN.load(path: path)
        } catch { problem = "convolutions are XLA's: \(error)" }
        for kernel in CPUKernel.available {
            try plugin.registerFFIHandler(name: kernel.name, platform: "HOST", handler: kernel.handler)
        }
        let library = OneDNN.version.map { "with oneDNN \($0)" } ?? "without oneDNN"
        return Registration(
            kernels: .cpu, origin: "\(InstructionSet.current.name), \(library)", problem: problem)
    }

    private static func registerCUDAKernels(with plugin: Plugin) throws(PJRTError) -> Registration {
        do {
            let folders = PluginLocator().pythonPackageFolders()
            try NVRTC.load(anyOf: NVRTC.candidates(pluginPath: plugin.path, packageFolders: folders))
            try CUDAKernel.checkDevices()
        } catch { return Registration(kernels: [], origin: "", problem: "the selective scan is XLA's: \(error)") }
        try registerCUDAHandlers(with: plugin)
        let version = NVRTC.version.map { "compiled by NVRTC \($0)" } ?? ""
        return Registration(
            kernels: .cuda, origin: version, problem: nil)
    }

    private static func registerCUDAHandlers(with plugin: Plugin) throws(PJRTError) {
        for kernel in CUDAKernel.all {
            try plugin.registerFFIHandler(name: kernel.name, platform: "CUDA", handler: kernel.handler)
        }
    }

    /// Registers the kernels for NVIDIA GPUs whether there is a GPU or not, for programs that are compiled and not run.
    ///
    /// - Throws: ``ComputeError/plugin(_:)`` where the plugin refuses a kernel.
    package static func registerForAbsentGPU(with plugin: Plugin) throws(ComputeError) -> PlatformKernels {
        do { try registerCUDAHandlers(with: plugin) } catch { throw .plugin(error) }
        return .cuda
    }
}

extension PlatformKernels {
    /// The kernels that can run on a CPU now.
    static var cpu: PlatformKernels {
        PlatformKernels(Set(CPUKernel.available.map(\.name))) { CPUKernel.take(CallShape($0, $1)) }
    }

    /// The kernels for NVIDIA GPUs.
    static var cuda: PlatformKernels {
        PlatformKernels(Set(CUDAKernel.all.map(\.name))) { CUDAKernel.take(CallShape($0, $1)) }
    }
}

extension CallShape {
    fileprivate init(_ call: CustomCall, _ operands: [TensorType]) {
        func tensor(_ type: TensorType) -> Tensor { Tensor(type.shape, isRounded: type.elementType == .bfloat16) }
        self.init(
            name: call.target, operands: operands.map(tensor), results: call.results.map(tensor),
            attributes: call.attributes.mapValues { value in
                switch value {
                case .integer(let integer): Double(integer)
                case .float(let real): Double(real)
                }
            })
    }
}
