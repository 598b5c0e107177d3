internal import CCUDAKernels
internal import CKernelCalls
internal import Foundation

/// NVRTC, the library that compiles the kernels for the device they run on.
package enum NVRTC {
    /// Names the library; nothing else is then considered.
    package static let environmentVariable = "NVRTC_LIBRARY_PATH"

    /// A version of NVRTC, which is that of its CUDA toolkit.
    package struct Version: Sendable, Hashable, CustomStringConvertible {
        package let major: Int
        package let minor: Int

        package var description: String { "\(major).\(minor)" }
    }

    /// The version loaded, or nil.
    package static var version: Version? {
        var major: Int32 = 0
        var minor: Int32 = 0
        guard let nvrtc = flow_nvrtc(), nvrtc.pointee.version(&major, &minor) == 0 else { return nil }
        return Version(major: Int(major), minor: Int(minor))
    }

    /// Loads the first of some libraries that is NVRTC of CUDA 12 or later and no newer than the driver.
    ///
    /// Does nothing when an NVRTC is loaded already: it stays for the rest of the process.
    /// - Parameter candidates: paths, or names that the dynamic loader knows
    /// - Throws: ``CUDAKernelError/nvrtcUnavailable(reason:)``
    package static func load(anyOf candidates: [String]) throws(CUDAKernelError) {
        var failure = FlowFailure()
        for candidate in candidates where flow_load_nvrtc(candidate, &failure) { return }
        throw .nvrtcUnavailable(reason: candidates.isEmpty ? "no candidate" : failure.phrase)
    }

    /// Where NVRTC may be, the likeliest first: what the environment names; else beside a plugin or in a folder above
    /// it, as in a Python environment; among Python's packages; where the dynamic loader looks.
    ///
    /// - Parameters:
    ///   - pluginPath: the plugin that the kernels are for
    ///   - packageFolders: folders of Python packages
    ///   - environment: environment variables; nil takes the process's own
    package static func candidates(
        pluginPath: String?, packageFolders: [String] = [], environment: [String: String]? = nil
    ) -> [String] {
        let environment = environment ?? ProcessInfo.processInfo.environment
        if let path = environment[environmentVariable], !path.isEmpty { return [path] }
        var folders: [URL] = []
        if let pluginPath {
            var folder = URL(filePath: pluginPath).deletingLastPathComponent()
            for _ in 0..<4 where folder.pathComponents.count > 1 {
                folders.append(folder)
                folder = folder.deletingLastPathComponent()
            }
        }
        folders += packageFolders.filter { !$0.isEmpty }.map { URL(filePath: $0, directoryHint: .isDirectory) }
        let files = folders.flatMap { folder in
            layouts.map { folder.appending(path: $0).path(percentEncoded: false) }
        }
        return files.filter(FileManager.default.fileExists(atPath:)) + names
    }

    private static let names = ["libnvrtc.so.13", "libnvrtc.so.12"]

    /// Where NVIDIA's packages, and a folder of libraries, keep the file.
    private static let layouts =
        ["nvidia/cu13/lib/libnvrtc.so.13", "nvidia/cuda_nvrtc/lib/libnvrtc.so.12"]
        + names + names.map { "lib/\($0)" }
}
