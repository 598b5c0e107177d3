import CPUKernels
import Foundation
public import PJRT

/// Makes the native CPU kernels known to a plugin.
public enum NativeKernels {
    /// Names the library of oneDNN; without it, the set-up folder is looked in.
    public static let environmentVariable = "ONEDNN_LIBRARY_PATH"

    /// What came of a registration.
    public struct Registration: Sendable {
        /// Names of the composites that run natively; none on another platform than a CPU.
        public let names: Set<String>
        /// Why convolutions and matrix products are left to XLA, if they are.
        public let problem: String?
    }

    /// Registers every kernel that can run on the client's platform.
    ///
    /// - Parameter setUpFolder: holds `lib/libdnnl.so.3` where `make setup` has run
    /// - Throws: ``ComputeError/plugin(_:)`` where the plugin refuses a kernel.
    public static func register(on client: Client, setUpFolder: String) throws(ComputeError) -> Registration {
        guard client.platformName == "cpu", client.plugin.supportsFFI else {
            return Registration(names: [], problem: nil)
        }
        var problem: String?
        let path = ProcessInfo.processInfo.environment[environmentVariable] ?? "\(setUpFolder)/lib/libdnnl.so.3"
        do {
            try OneDNN.load(path: path)
        } catch { problem = "\(error)" }
        do {
            for kernel in CPUKernel.available {
                try client.plugin.registerFFIHandler(name: kernel.name, platform: "HOST", handler: kernel.handler)
            }
        } catch { throw .plugin(error) }
        return Registration(names: Set(CPUKernel.available.map(\.name)), problem: problem)
    }
}
