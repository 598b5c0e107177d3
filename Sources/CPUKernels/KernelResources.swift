internal import CCPUKernels

/// The threads and the memory that the kernels of this process share.
public enum KernelResources {
    /// Threads that a kernel runs on; at first the cores this process may use. Takes effect between kernels.
    public static var threadCount: Int {
        get { Int(flow_thread_count()) }
        set { flow_set_thread_count(Int32(clamping: newValue)) }
    }

    /// Asks the C library to keep freed memory for reuse rather than give it back to the system.
    ///
    /// A plugin allocates its temporary buffers anew at every execution; the page faults of fresh memory cost up to a
    /// quarter of a training step. It holds for the whole process, so a program calls it early, once, before the
    /// plugin is loaded; the process then stays as large as it once was.
    /// - Returns: false where the C library has no such setting.
    @discardableResult
    public static func keepMemory() -> Bool { flow_keep_memory() }
}
