internal import CCPUKernels
internal import CKernelCalls
internal import KernelCalls

/// oneDNN, the library behind most convolutions.
package enum OneDNN {
    /// A version of oneDNN.
    package struct Version: Sendable, Hashable, CustomStringConvertible {
        package let major: Int
        package let minor: Int
        package let patch: Int

        package var description: String { "\(major).\(minor).\(patch)" }
    }

    /// The version loaded, or nil.
    package static var version: Version? {
        var major: Int32 = 0
        var minor: Int32 = 0
        var patch: Int32 = 0
        guard flow_onednn_version(&major, &minor, &patch) else { return nil }
        return Version(major: Int(major), minor: Int(minor), patch: Int(patch))
    }

    /// Loads oneDNN 3, built with the OpenMP runtime of GCC, for the rest of the process.
    ///
    /// Does nothing when a oneDNN is loaded already. Sets the environment variable `GOMP_SPINCOUNT` when it is not
    /// set, so call it before other threads read the environment.
    /// - Parameter path: The shared library, `libdnnl.so.3`.
    /// - Throws: ``CPUKernelError/oneDNNUnavailable(path:reason:)``
    package static func load(path: String) throws(CPUKernelError) {
        var failure = FlowFailure()
        guard flow_load_onednn(path, &failure) else {
            throw .oneDNNUnavailable(path: path, reason: failure.text)
        }
    }
}
