package import Compute
import Foundation
import PJRT
import Tensors

/// The shared device with every native kernel that it can have.
package struct NativeEngine: Sendable {
    package let engine: Engine
    /// Names of the kernels.
    package let kernels: Set<String>
    /// Why kernels are missing, if they are.
    package let problem: String?

    /// - Throws: where there is no plugin, or it refuses a kernel.
    package static var shared: NativeEngine {
        get throws { try result.get() }
    }

    private static let result = Result<NativeEngine, any Error> {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let device = try DeviceGroup.shared
        let registration = try NativeKernels.register(
            on: device.client, setUpFolder: root.appending(path: ".setup").path(percentEncoded: false))
        let options = LoweringOptions(nativeKernels: registration.kernels)
        return NativeEngine(
            engine: Engine(device: device, loweringOptions: options), kernels: registration.names,
            problem: registration.problem)
    }
}
