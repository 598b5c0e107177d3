import Formats
import Foundation
import TestSupport
import Testing

@Suite("A run at the command line", .needsPlugin)
struct RunLifeTests {
    @Test("A run is trained, resumed, sampled, exported and imported; an export of the import is the export")
    func wholeLife() throws {
        let scratch = try Scratch()
        let first = try CommandLineProgram.train(scratch, "run", steps: 2, ["--tensorboard"])
        #expect(first.status == 0, "\(first.errors)")
        expectRefusal(try CommandLineProgram.train(scratch, "run", steps: 3), "already holds a run")
        let run = scratch.path("run")
        func resume(_ more: String...) throws -> CommandLineProgram.Outcome {
            try CommandLineProgram.run(["train", "--resume", run] + more)
        }
        expectRefusal(try resume(), "already has 2 steps")
        expectRefusal(try resume("--steps", "3", "--seed", "4"), "other settings", "training.seed: 4, not 0")
        expectRefusal(try resume("--steps", "3", "--set", "model.y_embed_dim=8"), "model.y_embed_dim: 8, not 40")
        expectRefusal(try resume("--steps", "3", "--precision", "bf16"), "training.precision: bf16, not fp32")
        expectRefusal(try resume("--steps", "3", "--out", run), status: 64, "--out", "--resume")
        let resumed = try resume("--steps", "3")
        #expect(resumed.status == 0 && resumed.output.contains("trained 3 steps"), "\(resumed.errors)")

        let sample = ["sample", run, "--steps", "2"]
        let picture = try CommandLineProgram.run(sample + ["--per-class", "1", "--out", scratch.path("grid.png")])
        #expect(picture.status == 0 && picture.output.contains("4 network evaluations an image"), "\(picture.errors)")
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
            ["import", scratch.path(names[0])] + CommandLineProgram.tiny.prefix(4) + ["--out", scratch.path("theirs")])
        #expect(imported.status == 0, "\(imported.errors)")
        #expect(
            try CommandLineProgram.run(["export", scratch.path("theirs"), "--out", scratch.path(names[1])]).status == 0)
        #expect(try Data(contentsOf: scratch.file(names[0])) == Data(contentsOf: scratch.file(names[1])))
        let other = ["import", scratch.path(names[0]), "--out", scratch.path("other")]
        expectRefusal(
            try CommandLineProgram.run(other + ["--set", "model.channels=32,64"]), "does not fit UNet", "missing",
            "other shape", "encoders")
        let dry = try CommandLineProgram.run(other + ["--dry-run"])
        #expect(dry.status == 0 && dry.output.contains("model.channels=") && dry.output.contains("nothing was written"))
        #expect(!FileManager.default.fileExists(atPath: scratch.path("other")))
        expectRefusal(try CommandLineProgram.run(["import", scratch.path(names[0])]), status: 64, "--out")
    }

    @Test("Ctrl-C saves a run, however long it was to be; --resume needs no other flag")
    func interrupted() throws {
        let scratch = try Scratch()
        let arguments = CommandLineProgram.tiny + ["--data", scratch.url.path, "--out", scratch.path("run")]
        let metrics = scratch.file("run/metrics.jsonl")
        let stopped = try CommandLineProgram.run(["train"] + arguments + ["--steps", "\(Int.max)"]) {
            (try? Data(contentsOf: metrics)).map { !$0.isEmpty } ?? false
        }
        #expect(!stopped.wasKilled && stopped.status == 130, "\(stopped.errors)")
        #expect(stopped.errors.contains("go on with `flowmatch train --resume \(scratch.path("run"))`"))
        let done = try String(contentsOf: metrics, encoding: .utf8).split(separator: "\n").count
        let resumed = try CommandLineProgram.run(["train", "--resume", scratch.path("run")]) {
            (try? String(contentsOf: metrics, encoding: .utf8).split(separator: "\n").count > done) ?? false
        }
        #expect(resumed.status == 130 && !resumed.errors.contains("Fatal"), "\(resumed.errors)")
        let last = try CommandLineProgram.run(["train", "--resume", scratch.path("run"), "--steps", "1"])
        expectRefusal(last, "already has")
    }

    @Test("Many images are spread over sheets; one of a seed is drawn alone; near scales have files of their own")
    func sampled() throws {
        let scratch = try Scratch()
        let run = scratch.path("run")
        let trained = try CommandLineProgram.train(scratch, "run", steps: 1)
        #expect(trained.status == 0, "\(trained.errors)")
        func sample(_ more: String...) throws {
            let outcome = try CommandLineProgram.run(["sample", run, "--steps", "1"] + more)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        try sample("--count", "1700", "--guidance", "1", "--out", scratch.path("grid.png"))
        #expect(scratch.files("grid") == ["grid-1.png", "grid-2.png"])

        try sample("--count", "5", "--guidance", "2", "--format", "npy", "--out", scratch.path("five.npy"))
        try sample(
            "--first", "3", "--count", "1", "--guidance", "2", "--format", "npy", "--out", scratch.path("one.npy"))
        let five = try NPY<Float>(contentsOf: scratch.file("five.npy"))
        let one = try NPY<Float>(contentsOf: scratch.file("one.npy"))
        #expect(five.shape == [5, 1, 32, 32] && one.shape == [1, 1, 32, 32])
        func worst(_ image: Int) -> Float {
            zip(one.values, five.values[image * 1024..<(image + 1) * 1024]).map { abs($0 - $1) }.max() ?? .infinity
        }
        #expect(worst(3) < 1e-5 && worst(2) > 0.1)
        for (name, first, count) in [("all", "0", "3"), ("last", "2", "1")] {
            try sample(
                "--labels", "7,8", "--first", first, "--count", count, "--format", "safetensors", "--out",
                scratch.path("\(name).safetensors"))
        }
        func labels(_ name: String) throws -> [Int64] {
            try SafetensorsFile(contentsOf: scratch.file("\(name).safetensors")).tensor("labels").values(as: Int64.self)
        }
        #expect(try labels("all") == [7, 8, 7] && labels("last") == [7])

        try sample("--count", "2", "--guidance", "3", "--guidance", "3.0000001", "--out", scratch.path("near.png"))
        #expect(scratch.files("near") == ["near-guidance-3.0000001.png", "near-guidance-3.png"])
        try sample("--count", "2", "--guidance", "3", "--guidance", "3.0", "--out", scratch.path("same.png"))
        #expect(scratch.files("same") == ["same.png"])
        expectRefusal(
            try CommandLineProgram.run(["sample", run, "--set", "training.seed=3"]), "training.seed cannot be changed")
        expectRefusal(try CommandLineProgram.run(["sample", run, "--solver", "eule"]), "did you mean 'euler'?")
    }
}
