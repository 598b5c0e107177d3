internal import CCPUKernels

/// The threads that the kernels of this process share.
package enum KernelResources {
    /// Threads that a kernel runs on; at first the cores this process may use. Takes effect between kernels.
    package static var threadCount: Int {
        get { Int(flow_thread_count()) }
        set { flow_set_thread_count(Int32(clamping: newValue)) }
    }
}
