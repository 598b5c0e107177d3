internal import CPJRT
internal import Glibc

/// The libraries of NVIDIA that XLA's CUDA plugin opens by name while it runs.
///
/// The plugin opens each at its first use, and where one is missing some of its calls end the process. So all are
/// opened before its client is made: from the folders in which the plugin itself looks, in the loader's order. What is
/// open already is what the plugin, and what NVIDIA's libraries open by name among themselves, then find.
struct NVIDIALibraries {
    /// The driver's library, which comes with no package.
    static let driver = "libcuda.so.1"

    /// Without these the plugin does not work.
    let required: [String]
    /// Several devices need NCCL, and cuDNN compiles some of its kernels with NVRTC.
    let optional: [String]

    /// - Parameter cudaVersion: what the plugin was built with, such as 13000; nil where its libraries are not known
    init?(cudaVersion: Int) {
        let major = cudaVersion / 1000
        guard let solver = [12: 11, 13: 12][major] else { return nil }
        required = [
            Self.driver, "libcudart.so.\(major)", "libcublasLt.so.\(major)", "libcublas.so.\(major)",
            "libcusparse.so.12", "libcusolver.so.\(solver)", "libcufft.so.\(solver)", "libcudnn.so.9",
        ]
        optional = ["libnvrtc.so.\(major)", "libnccl.so.2"]
    }

    /// Opens all, for the rest of the process.
    /// - Throws: ``PJRTError/nvidiaLibraryMissing(name:reason:plugin:)`` naming the first that is required and does not
    ///   open.
    func open(for plugin: SharedLibrary) throws(PJRTError) {
        for name in required {
            if let reason = Self.failure(toOpen: name, for: plugin) {
                throw .nvidiaLibraryMissing(name: name, reason: reason, plugin: plugin.path)
            }
        }
        for name in optional { _ = Self.failure(toOpen: name, for: plugin) }
    }

    /// Why a library does not open; nil where it does.
    private static func failure(toOpen name: String, for plugin: SharedLibrary) -> String? {
        guard let path = plugin.pathOfLibrary(named: name) else {
            // The loader's cache, and libraries that are open already.
            return dlopen(name, RTLD_LAZY | RTLD_LOCAL) == nil ? loaderErrorText() : nil
        }
        do throws(PJRTError) {
            try SharedLibrary(path: path).open(RTLD_LAZY)
            return nil
        } catch {
            if case .libraryNotLoaded(_, let reason) = error { return reason }
            return "\(error)"
        }
    }
}
