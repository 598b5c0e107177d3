package import Foundation
package import Testing

/// A Python environment's package folder with a fake CUDA plugin, laid out as JAX and NVIDIA lay theirs out.
package struct FakeCUDA {
    /// Holds `jax_plugins` and `nvidia`.
    package let packages: URL
    package var plugin: URL { packages.appending(path: "jax_plugins/xla_cuda13/xla_cuda_plugin.so") }
    package var libraries: URL { packages.appending(path: "nvidia/cu13/lib") }

    /// NVIDIA's libraries that a plugin built with CUDA 13 cannot do without.
    package static let requiredLibraries = [
        "libcuda.so.1", "libcudart.so.13", "libcublasLt.so.13", "libcublas.so.13", "libcusparse.so.12",
        "libcusolver.so.12", "libcufft.so.12", "libcudnn.so.9",
    ]

    /// - Parameters:
    ///   - packages: a folder to fill
    ///   - definitions: macros of the plugin's source, such as `FAKE_GPU_COUNT=3`
    ///   - missing: the library that is left out
    package init(in packages: URL, _ definitions: [String] = [], without missing: String? = nil) throws {
        self.packages = packages
        for folder in [plugin.deletingLastPathComponent(), libraries] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        try Self.compile(
            ["Tests/FakePlugin/fake_cuda_plugin.c", "-ISources/CPJRT/include", "-D_Nonnull=", "-D_Nullable="]
                + definitions.map { "-D\($0)" }
                + ["-Wl,--disable-new-dtags", "-Wl,-rpath,$ORIGIN/../../nvidia/cu13/lib"], in: root, to: plugin)
        let names = Self.requiredLibraries.filter { $0 != missing }
        let empty = libraries.appending(path: "empty.so")
        try Self.compile(["-x", "c", "/dev/null"], in: root, to: empty)
        for name in names { try FileManager.default.copyItem(at: empty, to: libraries.appending(path: name)) }
    }

    static let compiler: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let files = ["clang", "cc", "gcc"].flatMap { name in folders.map { "\($0)/\(name)" } }
        return files.first(where: FileManager.default.isExecutableFile(atPath:))
    }()

    /// Builds a shared library.
    package static func compile(_ arguments: [String], in folder: URL, to library: URL) throws {
        let process = Process()
        process.executableURL = URL(filePath: try #require(compiler))
        process.arguments = ["-shared", "-fPIC", "-w", "-o", library.path(percentEncoded: false)] + arguments
        process.currentDirectoryURL = folder
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "the fake plugin does not compile")
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs the test where a C compiler can build the fake plugin.
    package static var needsCompiler: Self { .enabled(if: FakeCUDA.compiler != nil, "no C compiler") }
}
