import CCPUKernels
import CPUKernels
import Foundation
import KernelCalls
import Testing

/// Kernels share process-wide settings (instruction set, threads), so their tests run one after the other.
@Suite(.serialized) struct KernelTests {
    @Test func namesAreUniqueAndPrefixed() {
        let names = CPUKernel.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.hasPrefix("flow.") })
    }

    @Test func baselineIsAlwaysSupported() throws {
        #expect(InstructionSet.baseline.isSupported)
        for set in instructionSets {
            try set.use()
            #expect(InstructionSet.current == set)
        }
    }

    @Test func threadCountIsAtLeastOne() {
        let before = KernelResources.threadCount
        #expect(before >= 1)
        KernelResources.threadCount = 0
        #expect(KernelResources.threadCount == 1)
        KernelResources.threadCount = before
    }

    /// - Parameters:
    ///   - groups: the list of a process's groups
    ///   - files: by their path below where groups are mounted
    @Test(arguments: [
        (groups: "0::/", files: ["cpu.max": "max 100000"], cores: 0),
        (groups: "0::/", files: ["cpu.max": "250000 100000"], cores: 2),
        (groups: "0::/", files: ["cpu.max": "50000 100000"], cores: 1),
        (groups: "0::/a/b", files: ["a/cpu.max": "300000 100000", "a/b/cpu.max": "max 100000"], cores: 3),
        (groups: "0::/a/b", files: ["a/cpu.max": "300000 100000", "a/b/cpu.max": "700000 100000"], cores: 3),
        (groups: "0::/unseen", files: ["cpu.max": "400000 100000"], cores: 4),
        (groups: "0::/", files: ["cpu.max": "nonsense"], cores: 0),
        (groups: "0::/", files: [:], cores: 0),
        (groups: "nonsense", files: ["cpu.max": "400000 100000"], cores: 0),
        (
            groups: "5:memory:/a\n4:cpu,cpuacct:/a\n0::/",
            files: ["cpu/a/cpu.cfs_quota_us": "199999", "cpu/a/cpu.cfs_period_us": "100000"], cores: 1
        ),
        (
            groups: "4:cpuset:/a", files: ["cpu/a/cpu.cfs_quota_us": "200000", "cpu/a/cpu.cfs_period_us": "100000"],
            cores: 0
        ),
        (
            groups: "4:cpu:/a", files: ["cpu/a/cpu.cfs_quota_us": "-1", "cpu/a/cpu.cfs_period_us": "100000"],
            cores: 0
        ),
    ])
    func aQuotaOfProcessorTimeIsWholeCores(groups: String, files: [String: String], cores: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        let root = folder.appendingPathComponent("mounted")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let list = folder.appendingPathComponent("groups")
        try Data(groups.utf8).write(to: list)
        for (path, text) in files {
            let file = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data((text + "\n").utf8).write(to: file)
        }
        #expect(flow_quota_cores(list.path, root.path) == Int32(cores))
    }

    @Test func aMissingLibraryIsAnError() {
        // A library loaded earlier stays; only a first load can fail.
        guard OneDNN.version == nil else { return }
        #expect(throws: CPUKernelError.self) { try OneDNN.load(path: "/nonexistent/libdnnl.so.3") }
    }

    @Test func anUnknownNameIsAnError() {
        #expect(throws: KernelFailure.self) { try run("flow.nothing", [], results: []) }
    }

    @Test(arguments: CPUKernel.all.map(\.name))
    func aCallWithoutOperandsIsAnError(name: String) throws {
        try OneDNNLibrary.load()
        let attributes = [("stride", 1.0), ("padding", 0), ("eps", 1e-5), ("heads", 1)]
        let error = #expect(throws: KernelFailure.self) { try run(name, [], results: [], attributes: attributes) }
        #expect(error?.kind == FlowFailureKindInvalidArgument)
        #expect(error?.description.hasPrefix(name + ": ") == true)
    }

    @Test func wrongShapesAreNamed() {
        let x = Array32([2, 3, 4], seed: 1)
        let scale = Array32([2, 5], seed: 1)
        let error = #expect(throws: KernelFailure.self) {
            try run(
                "flow.modulated_layer_norm", [x, scale, scale], results: [x.shape, [2, 3], [2, 3]],
                attributes: [("eps", 1e-6)])
        }
        #expect(error?.description.contains("operand 1 has shape [2, 5]") == true)
    }

    @Test func sizesWhoseProductCannotBeCountedAreAnError() {
        let huge = Int(Int64.max / 2)
        for shape in [[5, huge, 2, 3], [huge, huge, huge, 3], [2, huge + 1, 1, 3]] {
            let call = CallShape(
                name: "flow.embedding_add", operands: [.init(shape), .init([shape[0], 3])], results: [.init(shape)],
                attributes: [:])
            #expect(!CPUKernel.take(call))
        }
    }

    @Test func emptyTensorsAreAnError() {
        #expect(throws: KernelFailure.self) {
            try run("flow.affine_silu", [Array32([0], []), Array32([0], []), Array32([0], [])], results: [[0]])
        }
    }

    @Test func missingOrFractionalAttributesAreNamed() {
        let qkv = Array32([1, 2, 6], seed: 1)
        for attributes in [[], [("heads", 1.5)], [("heads", 0)], [("heads", 4)]] {
            #expect(throws: KernelFailure.self) {
                try run("flow.attention", [qkv], results: [[1, 2, 2], [1, 4, 2]], attributes: attributes)
            }
        }
    }
}
