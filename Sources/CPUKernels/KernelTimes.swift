internal import CCPUKernels

/// How often each kernel ran in this process, and for how long.
package struct KernelTimes: Sendable {
    package struct Entry: Sendable {
        package let calls: Int
        /// On the kernels' own threads; the time a call waited for its turn is not in it.
        package let seconds: Double
    }

    /// By the kernel's name.
    package let entries: [String: Entry]

    /// The times up to now.
    package static var current: KernelTimes {
        var entries: [String: Entry] = [:]
        for (index, kernel) in CPUKernel.all.enumerated() {
            let time = flow_kernel_time(Int64(index))
            entries[kernel.name] = Entry(calls: Int(time.calls), seconds: time.seconds)
        }
        return KernelTimes(entries: entries)
    }

    /// What was added since an earlier moment, kernels that did not run left out.
    package func since(_ earlier: KernelTimes) -> KernelTimes {
        var difference: [String: Entry] = [:]
        for (name, now) in entries {
            let before = earlier.entries[name] ?? Entry(calls: 0, seconds: 0)
            guard now.calls > before.calls else { continue }
            difference[name] = Entry(calls: now.calls - before.calls, seconds: now.seconds - before.seconds)
        }
        return KernelTimes(entries: difference)
    }
}
