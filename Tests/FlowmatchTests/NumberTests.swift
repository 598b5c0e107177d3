import Foundation
import TestSupport
import Testing

@Suite("Numbers on the command line", .needsPlugin)
struct NumberTests {
    @Test(
        "A run's numbers outside their range are refused, and nothing is begun",
        arguments: [
            (["--batch-size", "0"], 1), (["--steps=-1"], 1), (["--steps", "-1"], 1), (["--learning-rate", "0"], 1),
            (["--learning-rate", "nan"], 1), (["--label-dropout", "2"], 1), (["--checkpoint-every", "0"], 1),
            (["--ema-decay", "1"], 1), (["--steps-per-dispatch", "0"], 1), (["--devices", "0"], 64),
            (["--devices", "\(Int.max)"], 64), (["--devices", "99999999999999999999"], 64),
            (["--seed", "-1"], 1), (["--seed", "99999999999999999999"], 1), (["--batch-size", "many"], 1),
            (["--batch-size", "\(Int.max)"], 1), (["--model", "gan"], 1), (["--precision", "fp8"], 1),
            (["--set", "model.num_residual_layers=0"], 1), (["--set", "nothing"], 1), (["--set", "depth=2"], 1),
            (["--set", "model.channels=9223372036854775807,2"], 1), (["--nonsense"], 64),
        ] as [([String], Int32)])
    func training(_ arguments: [String], _ status: Int32) throws {
        let scratch = try Scratch()
        let run = ["train", "--out", scratch.path("run"), "--data", scratch.url.path]
        expectRefusal(try CommandLineProgram.run(run + arguments), status: status)
        #expect(!FileManager.default.fileExists(atPath: scratch.path("run")))
    }

    @Test(
        "Numbers too large to be meant are refused in a sentence",
        arguments: [
            (["compare", "--out", "x", "--sample-steps", "3000000000"], 1, "sampling.steps"),
            (["compare", "--out", "x", "--sample-steps", "9223372036854775808"], 1, "sampling.steps"),
            (["compare", "--out", "x", "--guidance", "inf"], 64, "--guidance"),
            (["sample", "x", "--count", "9223372036854775807"], 64, "--count must be from 1 to"),
            (["sample", "x", "--count", "0"], 64, "--count must be from 1 to"),
            (["sample", "x", "--per-class", "9223372036854775807"], 64, "--per-class must be from 1 to"),
            (["sample", "x", "--first", "9223372036854775807", "--count", "1"], 64, "--first must be from 0 to"),
            (["sample", "x", "--first=-1", "--count", "1"], 64, "--first must be from 0 to"),
            (["sample", "x", "--seeds", "0-18446744073709551615"], 64, "--seeds"),
            (["sample", "x", "--seeds", "3-1"], 64, "--seeds"),
            (["sample", "x", "--seeds", "1,2", "--count", "3"], 64, "leave out --count"),
            (["sample", "x", "--seeds", "1,2", "--seed", "3"], 64, "leave out --seed"),
            (["sample", "x", "--interpolate", "seeds", "--seeds", "1"], 64, "the two of --seeds"),
            (["sample", "x", "--interpolate", "labels", "--count", "4"], 64, "the two of --labels"),
            (["sample", "x", "--interpolate", "labels", "--labels", "1,2", "--count", "1"], 64, "--count 2 or more"),
            (["likelihood", "x", "--probes", "many"], 1, "x"),
            (["invert", "x", "--count", "0"], 64, "--count must be from 1 to"),
            (["solvers", "x", "--per-class", "0"], 64, "--per-class must be from 1 to"),
            (["export", "x", "--out", "y", "--batch-size", "3"], 64, "add --format stablehlo"),
            (["export", "x", "--out", "y", "--format", "stablehlo", "--batch-size", "0"], 64, "--batch-size must be"),
            (["sample", "x", "--first", "3"], 64, "--first numbers the images of --count or --labels"),
            (["sample", "x", "--devices", "9223372036854775807"], 64, "--devices must be from 1 to"),
            (["bench", "--steps", "9223372036854775807"], 64, "--steps must be from 1 to"),
            (["verify", "x", "--device", "cpu:9223372036854775807"], 64, "cpu:9223372036854775807"),
        ] as [([String], Int32, String)])
    func large(_ arguments: [String], _ status: Int32, _ words: String) throws {
        let scratch = try Scratch()
        expectRefusal(try CommandLineProgram.run(arguments, in: scratch.url), status: status, words)
        #expect(scratch.files("x").isEmpty)
    }
}
