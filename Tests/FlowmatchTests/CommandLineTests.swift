import Formats
import Foundation
import TestSupport
import Testing

@Suite(.needsPlugin)
struct CommandLineTests {
    @Test("Data that is not there or not whole is named, and nothing is begun")
    func badData() throws {
        let scratch = try Scratch()
        expectRefusal(
            try CommandLineProgram.train(scratch, "run", steps: 1, ["--data", scratch.path("nowhere")]), "nowhere")
        expectRefusal(try CommandLineProgram.train(scratch, "run", steps: 1, ["--batch-size", "41"]), "41", "40")
        expectRefusal(
            try CommandLineProgram.train(scratch, "run", steps: 1, ["--devices", "3"]),
            "a batch of 4 cannot be shared equally by 3 devices")
        let images = scratch.file("train-images-idx3-ubyte")
        let whole = try Data(contentsOf: images)
        try whole.dropLast(5).write(to: images)
        expectRefusal(try CommandLineProgram.train(scratch, "run", steps: 1), "train-images-idx3-ubyte")
        try (Data([1, 2, 3, 4]) + whole.dropFirst(4)).write(to: images)
        expectRefusal(try CommandLineProgram.train(scratch, "run", steps: 1), "train-images-idx3-ubyte")
        try whole.write(to: images)
        try IDXFile(shape: [40], values: [UInt8](repeating: 10, count: 40)).write(
            to: scratch.file("train-labels-idx1-ubyte"))
        let digits = ["--data", "mnist", "--set", "data.folder=\(scratch.url.path)"]
        expectRefusal(try CommandLineProgram.train(scratch, "run", steps: 1, digits), "label 10")
        #expect(!FileManager.default.fileExists(atPath: scratch.path("run")))
    }

    @Test("A plugin that is missing, cut short or no plugin is named")
    func badPlugin() throws {
        let scratch = try Scratch()
        let text = scratch.file("plugin.so")
        try Data("no library".utf8).write(to: text)
        for path in [scratch.path("missing.so"), text.path] {
            let outcome = try CommandLineProgram.train(scratch, "run", steps: 1, ["--plugin", path])
            expectRefusal(outcome, path)
        }
        expectRefusal(try CommandLineProgram.train(scratch, "run", steps: 1, ["--device", "rocm"]), "rocm")
        #expect(!FileManager.default.fileExists(atPath: scratch.path("run")))
    }

    @Test("Runs that are not there or damaged are named")
    func badRuns() throws {
        let scratch = try Scratch()
        expectRefusal(try CommandLineProgram.run(["sample", scratch.path("none")]), "holds no run")
        let run = scratch.file("run")
        try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
        let configuration = run.appendingPathComponent("config.json")
        try Data(#"{"model": {"model": "unet", "configuration": {}}, "speed": 3}"#.utf8).write(to: configuration)
        expectRefusal(try CommandLineProgram.run(["sample", run.path]), "there is no setting 'speed'", "config.json")
        try Data(#"{"model": {"model": "unet", "configuration": {"width": 3}}}"#.utf8).write(to: configuration)
        expectRefusal(try CommandLineProgram.run(["sample", run.path]), "there is no setting 'model.width'")
        try Data(#"{"model": {"model": "unet", "configuration": {}}}"#.utf8).write(to: configuration)
        expectRefusal(try CommandLineProgram.run(["sample", run.path]), "no checkpoint")
        expectRefusal(try CommandLineProgram.run(["verify", configuration.path]), "config.json")
    }

    @Test(
        "A safetensors file with tensors that overlap or lie outside is refused",
        arguments: [
            (
                #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
                12
            ),
            (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 4),
        ])
    func badTensors(_ header: String, _ count: Int) throws {
        let scratch = try Scratch()
        var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
        bytes += Data(header.utf8) + Data(count: count)
        try bytes.write(to: scratch.file("bad.safetensors"))
        expectRefusal(try CommandLineProgram.run(["verify", scratch.path("bad.safetensors")]), "bad.safetensors")
    }

    @Test("An output that cannot be written is named before anything is trained")
    func unwritable() throws {
        let scratch = try Scratch()
        expectRefusal(
            try CommandLineProgram.train(scratch, "t10k-labels-idx1-ubyte/run", steps: 1), "t10k-labels-idx1-ubyte")
    }

    @Test("A comparison writes its report, and takes up what is finished")
    func comparison() throws {
        let scratch = try Scratch()
        let arguments = [
            "compare", "--vary", "model=unet,dit", "--set", "unet.channels=4,8", "--set", "unet.num_residual_layers=1",
            "--set",
            "dit.depth=1", "--set", "dit.hidden_dim=16", "--set", "dit.num_heads=2", "--batch-size", "4", "--steps",
            "2",
            "--validate-every", "2", "--sample-steps", "1", "--guidance", "3", "--data", scratch.url.path, "--out",
            scratch.path("both"),
        ]
        for _ in 0..<2 {
            let outcome = try CommandLineProgram.run(arguments)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        for name in ["report.html", "report.md", "report.json", "loss.svg", "samples-dit-guidance-3.png"] {
            #expect(FileManager.default.fileExists(atPath: scratch.path("both/\(name)")), "\(name)")
        }
        expectRefusal(
            try CommandLineProgram.run(["compare", "--set", "mamba=2", "--out", scratch.path("x")]),
            "there is no setting 'mamba'")
    }

    @Test(
        "Every command explains itself",
        arguments: [
            "train", "sample", "compare", "export", "import", "check", "verify", "info", "settings", "data", "devices",
            "bench", "evaluate", "features",
        ])
    func help(_ command: String) throws {
        let outcome = try CommandLineProgram.run([command, "--help"])
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("OVERVIEW") && outcome.output.contains("USAGE: flowmatch \(command)"))
        #expect(try CommandLineProgram.run(["--help"]).output.contains("  \(command) "))
    }

    @Test("Training names one folder, a new run's or the one to resume")
    func oneFolder() throws {
        let scratch = try Scratch()
        for arguments in [[], ["--out", "x", "--resume", "x"]] {
            let outcome = try CommandLineProgram.run(["train"] + arguments, in: scratch.url)
            expectRefusal(outcome, status: 64, "--out for a new run, or --resume")
        }
        expectRefusal(try CommandLineProgram.run(["train", "--resume", "x"], in: scratch.url), "holds no run")
        #expect(scratch.files("x").isEmpty)
    }
}
