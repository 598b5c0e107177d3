import CCUDAKernels
import CKernelCalls
import CUDAKernels
import Foundation
import PJRT
import Testing

/// NVRTC, found as programs find it, for tests.
private enum NVRTCGate {
    static let isPresent: Bool = {
        let folders = PluginLocator().pythonPackageFolders()
        return (try? NVRTC.load(anyOf: NVRTC.candidates(pluginPath: nil, packageFolders: folders))) != nil
    }()
}

@Suite struct NVRTCTests {
    @Test(
        .enabled(if: NVRTCGate.isPresent, "NVRTC is not on this machine; the Python package nvidia-cuda-nvrtc has it"),
        arguments: [
            ("sm_80", 16, 0), ("sm_80", 16, 16), ("sm_90", 16, 16), ("sm_90", 5, 3), ("sm_90", 64, 8),
            ("sm_90", 256, 4),
        ])
    func theSourceCompiles(architecture: String, states: Int64, spans: Int64) {
        var failure = FlowFailure()
        var binary: UnsafeMutableRawPointer?
        var size = 0
        let compiled = flow_compile_scan(flow_nvrtc(), architecture, states, spans, &binary, &size, &failure)
        defer { free(binary) }
        #expect(compiled, "\(withUnsafeBytes(of: failure.sentence) { String(decoding: $0, as: UTF8.self) })")
        // A device's code is an ELF file.
        #expect(
            binary.map { Array(UnsafeRawBufferPointer(start: $0, count: min(4, size))) } == [0x7F, 0x45, 0x4C, 0x46])
    }

    @Test(
        .enabled(if: NVRTCGate.isPresent, "NVRTC is not on this machine; the Python package nvidia-cuda-nvrtc has it"))
    func anUnknownArchitectureIsASentence() {
        var failure = FlowFailure()
        var binary: UnsafeMutableRawPointer?
        var size = 0
        #expect(!flow_compile_scan(flow_nvrtc(), "sm_1", 16, 0, &binary, &size, &failure))
        let sentence = withUnsafeBytes(of: failure.sentence) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        #expect(sentence.hasPrefix("NVRTC did not compile the selective scan for sm_1 ("))
    }

    @Test func theEnvironmentDecides() {
        let candidates = NVRTC.candidates(
            pluginPath: "/plugin.so", environment: ["NVRTC_LIBRARY_PATH": "/other/nvrtc.so"])
        #expect(candidates == ["/other/nvrtc.so"])
    }

    @Test func theLayoutsOfPackagesAreKnown() throws {
        let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: root) }
        func file(_ path: String) throws -> String {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data().write(to: file)
            return file.path(percentEncoded: false)
        }
        let plugin = try file("site/jax_plugins/xla_cuda13/xla_cuda_plugin.so")
        let new = try file("site/nvidia/cu13/lib/libnvrtc.so.13")
        let old = try file("other/nvidia/cuda_nvrtc/lib/libnvrtc.so.12")
        let other = root.appending(path: "other").path(percentEncoded: false)
        let candidates = NVRTC.candidates(pluginPath: plugin, packageFolders: ["", other], environment: [:])
        #expect(candidates == [new, old, "libnvrtc.so.13", "libnvrtc.so.12"])
    }

    @Test func aMissingLibraryIsAnError() {
        // A library loaded earlier stays; only a first load can fail.
        guard NVRTC.version == nil else { return }
        #expect(throws: CUDAKernelError.self) { try NVRTC.load(anyOf: ["/nonexistent/libnvrtc.so.13"]) }
        #expect(throws: CUDAKernelError.self) { try NVRTC.load(anyOf: []) }
    }
}
