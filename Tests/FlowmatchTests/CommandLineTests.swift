import Formats
import Foundation
import TestSupport
import Testing

@Suite(.needsPlugin)
struct CommandLineTests {
    private static let tiny = [
        "--set", "channels=4,8", "--set", "num_residual_layers=1", "--batch-size", "4", "--validate-every", "0",
    ]

    private func train(_ scratch: Scratch, _ run: String, steps: Int, _ more: [String] = []) throws
        -> CommandLineProgram.Outcome
    {
        try CommandLineProgram.run(
            ["train"] + CommandLineTests.tiny + [
                "--data", scratch.url.path, "--out", scratch.path(run), "--steps", "\(steps)",
            ]
                + more)
    }

    /// One sentence, the right exit code, no crash.
    private func expectRefusal(
        _ outcome: CommandLineProgram.Outcome, status: Int32 = 1, _ words: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(!outcome.wasKilled && outcome.status == status, "\(outcome.errors)", sourceLocation: sourceLocation)
        for word in words {
            #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: sourceLocation)
        }
        for dump in ["Fatal error", "NSError", "CocoaError", "Domain="] {
            #expect(!outcome.errors.contains(dump), sourceLocation: sourceLocation)
        }
    }

    @Test("A run is trained, resumed, sampled, exported and imported; an export of the import is the export")
    func wholeLife() throws {
        let scratch = try Scratch()
        let first = try train(scratch, "run", steps: 2, ["--tensorboard"])
        #expect(first.status == 0, "\(first.errors)")
        expectRefusal(try train(scratch, "run", steps: 3), "already holds a run")
        expectRefusal(try train(scratch, "run", steps: 2, ["--resume"]), "already has 2 steps")
        expectRefusal(try train(scratch, "run", steps: 3, ["--resume", "--seed", "4"]), "other settings", "seed")
        expectRefusal(
            try train(scratch, "run", steps: 3, ["--resume", "--set", "y_embed_dim=8"]), "y_embed_dim=8")
        expectRefusal(
            try train(scratch, "run", steps: 3, ["--resume", "--precision", "bf16"]), "precision: fp32, not bf16")
        #expect(try train(scratch, "run", steps: 3, ["--resume"]).status == 0)

        let run = scratch.path("run")
        let sample = ["sample", run, "--steps", "2"]
        let picture = try CommandLineProgram.run(sample + ["--per-class", "1", "--out", scratch.path("grid.png")])
        #expect(picture.status == 0, "\(picture.errors)")
        #expect(try PNG.decode([UInt8](Data(contentsOf: scratch.file("grid.png")))).width > 0)
        let array = try CommandLineProgram.run(
            sample + ["--labels", "3,1,10", "--format", "npy", "--out", scratch.path("a.npy")])
        #expect(array.status == 0, "\(array.errors)")
        #expect(try NPY<Float>(contentsOf: scratch.file("a.npy")).shape == [3, 1, 32, 32])
        expectRefusal(try CommandLineProgram.run(sample + ["--labels", "11"]), "label 11")
        expectRefusal(try CommandLineProgram.run(sample + ["--checkpoint", "7"]), "no checkpoint of step 7", "2, 3")
        expectRefusal(
            try CommandLineProgram.run(sample + ["--per-class", "1", "--out", scratch.path("grid.png/below.png")]),
            "grid.png")

        let names = ["a.safetensors", "b.safetensors"]
        #expect(try CommandLineProgram.run(["export", run, "--out", scratch.path(names[0])]).status == 0)
        let imported = try CommandLineProgram.run(
            ["import", scratch.path(names[0])] + CommandLineTests.tiny.prefix(4) + ["--out", scratch.path("theirs")])
        #expect(imported.status == 0, "\(imported.errors)")
        #expect(
            try CommandLineProgram.run(["export", scratch.path("theirs"), "--out", scratch.path(names[1])]).status == 0)
        #expect(try Data(contentsOf: scratch.file(names[0])) == Data(contentsOf: scratch.file(names[1])))
        expectRefusal(
            try CommandLineProgram.run(["import", scratch.path(names[0]), "--out", scratch.path("other")]), "missing",
            "of another shape", "encoders")
        #expect(!FileManager.default.fileExists(atPath: scratch.path("other")))
    }

    @Test("Data that is not there or not whole is named, and nothing is begun")
    func badData() throws {
        let scratch = try Scratch()
        expectRefusal(try train(scratch, "run", steps: 1, ["--data", scratch.path("nowhere")]), "nowhere")
        expectRefusal(try train(scratch, "run", steps: 1, ["--batch-size", "41"]), "41", "40")
        expectRefusal(
            try train(scratch, "run", steps: 1, ["--devices", "3"]),
            "a batch of 4 cannot be shared equally by 3 devices")
        let images = scratch.file("train-images-idx3-ubyte")
        let whole = try Data(contentsOf: images)
        try whole.dropLast(5).write(to: images)
        expectRefusal(try train(scratch, "run", steps: 1), "train-images-idx3-ubyte")
        try (Data([1, 2, 3, 4]) + whole.dropFirst(4)).write(to: images)
        expectRefusal(try train(scratch, "run", steps: 1), "train-images-idx3-ubyte")
        try whole.write(to: images)
        try IDXFile(shape: [40], values: [UInt8](repeating: 10, count: 40)).write(
            to: scratch.file("train-labels-idx1-ubyte"))
        expectRefusal(try train(scratch, "run", steps: 1), "label")
        #expect(!FileManager.default.fileExists(atPath: scratch.path("run")))
    }

    @Test("A plugin that is missing, cut short or no plugin is named")
    func badPlugin() throws {
        let scratch = try Scratch()
        let text = scratch.file("plugin.so")
        try Data("no library".utf8).write(to: text)
        for path in [scratch.path("missing.so"), text.path] {
            let outcome = try train(scratch, "run", steps: 1, ["--plugin", path])
            expectRefusal(outcome, path)
        }
        expectRefusal(try train(scratch, "run", steps: 1, ["--device", "rocm"]), "rocm")
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
        expectRefusal(try CommandLineProgram.run(["sample", run.path]), "unknown key 'speed'")
        try Data(#"{"model": {"model": "unet", "configuration": {"width": 3}}}"#.utf8).write(to: configuration)
        expectRefusal(try CommandLineProgram.run(["sample", run.path]), "width", "channels")
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
        expectRefusal(try train(scratch, "t10k-labels-idx1-ubyte/run", steps: 1), "t10k-labels-idx1-ubyte")
    }

    @Test(
        "Numbers outside their range are refused",
        arguments: [
            (["--batch-size", "0"], 1), (["--steps=-1"], 1), (["--learning-rate", "0"], 1),
            (["--learning-rate", "nan"], 1), (["--label-dropout", "2"], 1), (["--checkpoint-every", "0"], 1),
            (["--ema-decay", "1"], 1), (["--steps-per-dispatch", "0"], 64), (["--devices", "0"], 64),
            (["--devices", "\(Int.max)"], 64),
            (["--seed", "-1"], 64), (["--batch-size", "many"], 64), (["--model", "gan"], 64),
            (["--precision", "fp8"], 64),
            (["--set", "num_residual_layers=0"], 1), (["--set", "nothing"], 1), (["--set", "depth=2"], 1),
            (["--nonsense"], 64),
        ] as [([String], Int32)])
    func badNumbers(_ arguments: [String], _ status: Int32) throws {
        let scratch = try Scratch()
        expectRefusal(
            try CommandLineProgram.run(
                ["train", "--out", scratch.path("run"), "--data", scratch.url.path] + arguments),
            status: status)
        #expect(!FileManager.default.fileExists(atPath: scratch.path("run")))
    }

    @Test(
        "Every command explains itself",
        arguments: [
            "train", "sample", "compare", "export", "import", "verify", "info", "data", "devices",
        ])
    func help(_ command: String) throws {
        let outcome = try CommandLineProgram.run([command, "--help"])
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("OVERVIEW") && outcome.output.contains("USAGE: flowmatch \(command)"))
    }

    @Test("A comparison writes its report, and takes up what is finished")
    func comparison() throws {
        let scratch = try Scratch()
        let arguments = [
            "compare", "--models", "unet,dit", "--set", "unet.channels=4,8", "--set", "unet.num_residual_layers=1",
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
            try CommandLineProgram.run(["compare", "--set", "mamba=2", "--out", scratch.path("x")]), "mamba=2")
    }
}
