internal import CCPUKernels
internal import CKernelCalls
package import CPJRT
package import KernelCalls

/// A native kernel of this library: what to register with a plugin under which name.
package struct CPUKernel: Sendable {
    /// The custom-call target, for instance `flow.convolution`.
    package let name: String
    /// The handler for the platform `"HOST"`; valid for the rest of the process, callable from any thread.
    package let handler: XLAFFIHandler
    /// Whether a call fails until ``OneDNN/load(path:)`` has succeeded.
    package let needsOneDNN: Bool

    /// Every kernel, in a fixed order.
    package static let all: [CPUKernel] = {
        var count: Int64 = 0
        let table = UnsafeBufferPointer(start: flow_kernels(&count), count: Int(count))
        return table.compactMap { entry in
            guard let name = entry.name, let handler = entry.handler else { return nil }
            return CPUKernel(name: String(cString: name), handler: handler, needsOneDNN: entry.needs_onednn)
        }
    }()

    /// The kernels that can run now: all with oneDNN, else those that do without it.
    package static var available: [CPUKernel] {
        OneDNN.version == nil ? all.filter { !$0.needsOneDNN } : all
    }

    /// Whether the kernel of the call's name computes calls with such shapes and attributes.
    package static func take(_ call: CallShape) -> Bool { call.withCall { flow_takes($0) } }
}
