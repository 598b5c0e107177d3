internal import CCUDAKernels
internal import CKernelCalls
package import CPJRT
package import KernelCalls

/// A native kernel for NVIDIA GPUs: what to register with a plugin under which name.
package struct CUDAKernel: Sendable {
    /// The custom-call target, for instance `flow.selective_scan`.
    package let name: String
    /// The handler for the platform `"CUDA"`; valid for the rest of the process, callable from any thread.
    package let handler: XLAFFIHandler

    /// Every kernel, in a fixed order.
    package static let all: [CUDAKernel] = {
        var count: Int64 = 0
        let table = UnsafeBufferPointer(start: flow_cuda_kernels(&count), count: Int(count))
        return table.compactMap { entry in
            guard let name = entry.name, let handler = entry.handler else { return nil }
            return CUDAKernel(name: String(cString: name), handler: handler)
        }
    }()

    /// Checks that the driver and NVRTC are there and fit the devices of this machine; a kernel called without them
    /// fails.
    /// - Throws: ``CUDAKernelError/devicesUnavailable(reason:)``
    package static func checkDevices() throws(CUDAKernelError) {
        var failure = FlowFailure()
        guard flow_cuda_is_ready(&failure) else { throw .devicesUnavailable(reason: failure.phrase) }
    }

    /// Whether the kernel of the call's name computes calls with such shapes.
    package static func take(_ call: CallShape) -> Bool { call.withCall { flow_cuda_takes($0) } }
}

extension FlowFailure {
    /// The failure's sentence, without its full stop.
    var phrase: String { text.hasSuffix(".") ? String(text.dropLast()) : text }
}
