import Foundation
import PJRT
import TestSupport
import Testing

/// What needs no GPU: a plugin that says it is CUDA's, and libraries that are NVIDIA's by name only.
@Suite("A CUDA plugin's own libraries", .needsCompiler)
struct CUDAPluginTests {
    private let folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
        .appending(path: "cuda-tests-\(UUID().uuidString)")

    @Test("The libraries are found where the plugin itself looks, and its client told what it knows")
    func found() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let fake = try FakeCUDA(in: folder)
        let plugin = try Plugin.load(path: fake.plugin.path(percentEncoded: false))
        #expect(plugin.cudaVersion == 13000)
        let client = try Client(
            plugin,
            options: [
                "visible_devices": .int64List([1]), "memory_fraction": 0.5, "preallocate": false,
                "allocator": "cuda_async",
            ])
        #expect(
            client.platformVersion
                == "told allocator=cuda_async memory_fraction=0.50 preallocate=false visible_devices=1;")
        #expect(client.devices.map(\.id) == [0])
    }

    @Test("The one that is missing or damaged is named", arguments: [false, true])
    func missing(isDamaged: Bool) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let name = "libcudnn.so.9"
        let fake = try FakeCUDA(in: folder, without: name)
        let library = fake.libraries.appending(path: name)
        if isDamaged {
            let whole = try Data(contentsOf: fake.libraries.appending(path: "libcublas.so.13"))
            try whole.prefix(whole.count / 2).write(to: library)
        }
        let path = fake.plugin.path(percentEncoded: false)
        let plugin = try Plugin.load(path: path)
        let error = #expect(throws: PJRTError.self) { try Client(plugin) }
        guard case .nvidiaLibraryMissing(name, _, path) = error else {
            Issue.record("\(error.map(String.init(describing:)) ?? "no error")")
            return
        }
        let sentence = "\(error?.description ?? "")"
        #expect(sentence.contains(isDamaged ? "cut short" : "No such file") && sentence.contains("make setup-cuda"))
    }

    @Test("Without the driver, the driver is what to install")
    func noDriver() throws {
        let error = PJRTError.nvidiaLibraryMissing(name: "libcuda.so.1", reason: "no file", plugin: "p")
        #expect(error.description.contains("install the driver"))
    }

    @Test("Another major version of the ABI is refused")
    func otherVersion() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = try FakeCUDA(in: folder, ["FAKE_API_MAJOR=1"]).plugin.path(percentEncoded: false)
        #expect(throws: PJRTError.incompatibleVersion(path: path, major: 1, minor: 115)) {
            try Plugin.load(path: path)
        }
    }

    @Test("A library without GetPjrtApi is no plugin")
    func noEntryPoint() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = try FakeCUDA(in: folder).libraries.appending(path: "libcudnn.so.9").path(percentEncoded: false)
        #expect(throws: PJRTError.noEntryPoint(path: path)) { try Plugin.load(path: path) }
    }
}
