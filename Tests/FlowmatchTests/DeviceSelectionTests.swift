import Foundation
import TestSupport
import Testing

/// `--device cuda` with a plugin that is CUDA's by name, and what a person reads where it does not work.
@Suite("Choosing a device", .needsPlugin, .needsCompiler)
struct DeviceSelectionTests {
    private static let golden = CommandLineProgram.root.appending(
        path: "Tests/VerificationTests/Goldens/mamba.safetensors"
    ).path

    /// A virtual environment with the fake CUDA plugin, and a set-up folder that has a CPU plugin only.
    private struct Machine {
        let scratch: Scratch
        let cuda: FakeCUDA
        var hasPython = true

        init(_ definitions: [String] = [], without missing: String? = nil) throws {
            scratch = try Scratch()
            cuda = try FakeCUDA(in: scratch.file("site"), definitions, without: missing)
            let files = FileManager.default
            for folder in ["bin", ".setup/plugins"] {
                try files.createDirectory(at: scratch.file(folder), withIntermediateDirectories: true)
            }
            let setUp = CommandLineProgram.root.appending(path: ".setup")
            for name in ["plugins/cpu", "lib"] {
                try files.createSymbolicLink(
                    at: scratch.file(".setup/\(name)"), withDestinationURL: setUp.appending(path: name))
            }
            let python = scratch.path("bin/python3")
            try Data("#!/bin/sh\necho '\(cuda.packages.path)'\n".utf8).write(to: URL(filePath: python))
            try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: python)
        }

        func run(_ arguments: [String]) throws -> CommandLineProgram.Outcome {
            try CommandLineProgram.run(
                arguments, environment: ["VIRTUAL_ENV": hasPython ? scratch.url.path : "", "PATH": "/none"],
                in: scratch.url)
        }

        /// The sentence that a run ends with.
        func refusal(_ options: [String], sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
            let outcome = try run(["verify", golden] + options)
            #expect(!outcome.wasKilled && outcome.status == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
            return outcome.errors
        }
    }

    @Test("The plugin of the virtual environment is found, and lack of memory is one sentence with advice")
    func virtualEnvironment() throws {
        let errors = try Machine().refusal(["--device", "cuda"])
        #expect(errors.contains("There is not enough memory for the plugin to copy an array to a device: 4.44 GiB"))
        #expect(errors.contains("--batch-size") && !errors.contains("BufferAssignment"))
    }

    @Test("A listing takes no memory of a GPU, and a broken plugin hides no other")
    func listing() throws {
        let machine = try Machine()
        let listed = try machine.run(["devices"])
        #expect(listed.status == 0, "\(listed.errors)")
        #expect(listed.output.contains("platform cpu") && listed.output.contains("told preallocate=false\n"))
        #expect(listed.output.contains("device 1: fake GPU"))
        try FileManager.default.removeItem(at: machine.cuda.libraries.appending(path: "libcufft.so.12"))
        let broken = try machine.run(["devices"])
        #expect(broken.status == 0 && broken.output.contains("platform cpu"))
        #expect(broken.output.contains("cannot be used: The CUDA plugin") && broken.output.contains("libcufft.so.12"))
        let alone = try machine.run(["devices", "--plugin", machine.cuda.plugin.path])
        #expect(alone.status == 1 && alone.errors.contains("libcufft.so.12"))
    }

    @Test("A broken CUDA plugin does not harm a run on the CPU")
    func cpuUnharmed() throws {
        let machine = try Machine(without: "libcudnn.so.9")
        for device in [[], ["--device", "cpu"]] {
            let outcome = try machine.run(["verify", Self.golden, "--no-native-kernels"] + device)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        #expect(try machine.refusal(["--device", "cuda"]).contains("libcudnn.so.9"))
    }

    @Test("GPUs that are not there are refused by number")
    func outOfRange() throws {
        let machine = try Machine(["FAKE_GPU_COUNT=2"])
        #expect(
            try machine.refusal(["--device", "cuda:1", "--devices", "2"])
                .contains("there is no device 2: the cuda client has 2, numbered from 0"))
        let none = try machine.refusal(["--device", "cuda:5"])
        #expect(none.contains("GPU 5 cannot be used: no supported devices") && none.contains("flowmatch devices"))
    }

    @Test("The plugin of another platform, and a GPU's options without a GPU, are refused")
    func mismatch() throws {
        var machine = try Machine()
        #expect(
            try machine.refusal(["--device", "rocm", "--plugin", machine.cuda.plugin.path])
                .contains("is for 'cuda', not for 'rocm'"))
        #expect(try machine.refusal(["--device", "cpu", "--allocator", "bfc"]).contains("are for GPUs"))
        #expect(try machine.refusal(["--device", "cuda", "--threads", "1"]).contains("--threads is for CPUs"))
        let unknown = try machine.run(["verify", Self.golden, "--allocator", "malloc"])
        #expect(unknown.status == 64 && unknown.errors.contains("cuda_async"))
        machine.hasPython = false
        let absent = try machine.refusal(["--device", "cuda"])
        #expect(absent.contains("no PJRT plugin for 'cuda' was found among") && absent.contains("make setup-cuda"))
    }
}
