import Foundation

/// What this process has used of the machine so far.
package struct ProcessUsage: Sendable {
    /// Seconds of all its threads together, its own and the system's on its behalf.
    package let processorSeconds: Double
    package let peakMemoryInBytes: Int

    package static var current: ProcessUsage {
        var usage = rusage()
        #if os(Linux)
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            let unit = 1024
        #else
            getrusage(RUSAGE_SELF, &usage)
            let unit = 1
        #endif
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + 1e-6 * Double(time.tv_usec) }
        return ProcessUsage(
            processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            peakMemoryInBytes: Int(usage.ru_maxrss) * unit)
    }
}
