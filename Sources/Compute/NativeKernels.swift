import CPUKernels
import CUDAKernels
import Foundation
public import PJRT

/// Makes the project's native kernels known to a plugin.
public enum NativeKernels {
    /// Names the library of oneDNN; without it, the set-up folder is looked in.
    public static let environmentVariable = "ONEDNN_LIBRARY_PATH"

    /// What came of a registration.
    public struct Registration: Sendable {
        /// Names of the composites that run natively.
        public let names: Set<String>
        /// What the kernels are made for and with, such as "AVX-512, with oneDNN 3.2.0".
        public let origin: String
        /// Why kernels that the platform could have are missing, if they are: XLA computes in their place.
        public let problem: String?
    }

    /// Registers every kernel that can run on the client's platform.
    ///
    /// - Parameter setUpFolder: holds `lib/libdnnl.so.3` where `make setup` has run
    /// - Throws: ``ComputeError/plugin(_:)`` where the plugin refuses a kernel.
    public static func register(on client: Client, setUpFolder: String) throws(ComputeError) -> Registration {
        guard client.plugin.supportsFFI else { return Registration(names: [], origin: "", problem: nil) }
        do {
            switch client.platformName {
            case "cpu": return try registerCPUKernels(with: client.plugin, setUpFolder: setUpFolder)
            case "cuda": return try registerCUDAKernels(with: client.plugin)
            default: return Registration(names: [], origin: "", problem: nil)
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
            names: Set(CPUKernel.available.map(\.name)), origin: "\(InstructionSet.current.name), \(library)",
            problem: problem)
    }

    private static func registerCUDAKernels(with plugin: Plugin) throws(PJRTError) -> Registration {
        do {
            let folders = PluginLocator().pythonPackageFolders()
            try NVRTC.load(anyOf: NVRTC.candidates(pluginPath: plugin.path, packageFolders: folders))
            try CUDAKernel.checkDevices()
        } catch { return Registration(names: [], origin: "", problem: "the selective scan is XLA's: \(error)") }
        for kernel in CUDAKernel.all {
            try plugin.registerFFIHandler(name: kernel.name, platform: "CUDA", handler: kernel.handler)
        }
        let version = NVRTC.version.map { "compiled by NVRTC \($0)" } ?? ""
        return Registration(names: Set(CUDAKernel.all.map(\.name)), origin: version, problem: nil)
    }
}
