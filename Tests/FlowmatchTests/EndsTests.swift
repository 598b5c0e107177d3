import Foundation
import TestSupport
import Testing

@Suite("Ends of all kinds", .needsPlugin)
struct EndsTests {
    /// What `"$FLOWMATCH"` does in a shell's script.
    private func shell(_ script: String, _ arguments: [String] = []) throws
        -> CommandLineProgram.Outcome
    {
        try CommandLineProgram.run(
            ["-c", script, "sh"] + arguments, environment: ["FLOWMATCH": CommandLineProgram.executable.path],
            program: URL(fileURLWithPath: "/bin/sh"))
    }

    /// Arguments that train a tiny run.
    private func training(_ scratch: Scratch, _ run: String, steps: Int = 2) -> [String] {
        ["train"] + CommandLineProgram.tiny
            + ["--data", scratch.url.path, "--out", scratch.path(run), "--steps", "\(steps)"]
    }

    private func checkpoints(_ scratch: Scratch, _ run: String) -> [String] {
        let folder = scratch.path("\(run)/checkpoints")
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    @Test(
        "Notes that cannot be written cost no work; the program ends as failed",
        arguments: [
            (#"exec "$FLOWMATCH" "$@" 2>/dev/full"#, 1), (#"exec "$FLOWMATCH" "$@" 2>&-"#, 1),
            (#"exec "$FLOWMATCH" "$@" <&- 2>&-"#, 1), (#"exec "$FLOWMATCH" "$@" >/dev/full"#, 1),
            (#"exec "$FLOWMATCH" "$@" >&-"#, 1),
        ] as [(String, Int32)])
    func unwritable(_ script: String, _ status: Int32) throws {
        let scratch = try Scratch()
        let outcome = try shell(script, training(scratch, "run") + ["--tensorboard"])
        #expect(!outcome.wasKilled && outcome.status == status, "\(outcome.errors)")
        #expect(checkpoints(scratch, "run") == ["step-2.safetensors"])
        #expect(try CommandLineProgram.run(["check", scratch.path("run")]).status == 0)
    }

    @Test("Results that cannot be written are an error; a reader that went away is silence, as SIGPIPE's")
    func results() throws {
        expectRefusal(
            try shell(#"exec "$FLOWMATCH" info >/dev/full"#),
            "standard output cannot be written: No space left on device")
        expectRefusal(
            try shell(#"exec "$FLOWMATCH" --help >&-"#),
            "standard output cannot be written: Bad file descriptor")
        let gone = try shell(#"{ sleep 0.3; "$FLOWMATCH" settings; echo "status $?" >&2; } | true"#)
        #expect(gone.errors == "status 141\n")
    }

    @Test("A signal saves a run and is told by the exit code", arguments: [SIGINT, SIGTERM, SIGHUP])
    func saved(_ signal: Int32) throws {
        let scratch = try Scratch()
        let metrics = scratch.file("run/metrics.jsonl")
        let outcome = try CommandLineProgram.run(training(scratch, "run", steps: .max), signal: signal) {
            (try? Data(contentsOf: metrics)).map { !$0.isEmpty } ?? false
        }
        #expect(!outcome.wasKilled && outcome.status == 128 + signal, "\(outcome.errors)")
        #expect(outcome.errors.contains("and saved; go on with `flowmatch train --resume"))
        #expect(checkpoints(scratch, "run").count == 1)
        #expect(try CommandLineProgram.run(["check", scratch.path("run")]).status == 0)
    }

    @Test("While a run is written by one, another is told by whom; both end whole")
    func twoWriters() throws {
        let scratch = try Scratch()
        #expect(try CommandLineProgram.run(training(scratch, "run")).status == 0)
        let resume = ["train", "--resume", scratch.path("run"), "--steps"]
        let metrics = scratch.file("run/metrics.jsonl")
        let before = try Data(contentsOf: metrics).count
        var second: CommandLineProgram.Outcome?
        let first = try CommandLineProgram.run(resume + ["\(Int.max)"]) {
            guard (try? Data(contentsOf: metrics).count > before) ?? false else { return false }
            second = try? CommandLineProgram.run(resume + ["5"])
            return true
        }
        #expect(first.status == 130, "\(first.errors)")
        expectRefusal(try #require(second), "is being written by process ", " since ", "wait until it ends")
        #expect(try CommandLineProgram.run(["check", scratch.path("run")]).status == 0)
    }

    @Test("A signal ends sampling at once, whatever it is at")
    func sampling() throws {
        let scratch = try Scratch()
        #expect(try CommandLineProgram.run(training(scratch, "run")).status == 0)
        var polls = 0
        let outcome = try CommandLineProgram.run(
            ["sample", scratch.path("run"), "--steps", "1000000", "--out", scratch.path("grid.png")]
        ) {
            polls += 1
            return polls > 50
        }
        #expect(!outcome.wasKilled && outcome.status == 130, "\(outcome.errors)")
        #expect(scratch.files("grid").isEmpty && scratch.files(".partial").isEmpty)
    }

    @Test("Limits of the system are told in a sentence")
    func limits() throws {
        let scratch = try Scratch()
        expectRefusal(
            try shell(#"ulimit -n 4; exec "$FLOWMATCH" devices"#), "may have 4 files open", "ulimit -n")
        expectRefusal(
            try shell(#"ulimit -v 400000; exec "$FLOWMATCH" bench"#), "needs at least 512 MiB of memory",
            "may have 391 MiB")
        let full = try shell(#"ulimit -f 20; exec "$FLOWMATCH" "$@""#, training(scratch, "run"))
        expectRefusal(full, "cannot write", "File too large")
    }

    @Test("A check says what is whole, and fails where anything is not")
    func check() throws {
        let scratch = try Scratch()
        #expect(try CommandLineProgram.run(training(scratch, "run")).status == 0)
        let whole = try CommandLineProgram.run(["check", scratch.path("run")])
        #expect(whole.status == 0 && whole.output.hasSuffix("all 4 files are whole\n"), "\(whole.output)")
        let newest = scratch.file("run/checkpoints/step-2.safetensors")
        try Data(contentsOf: newest).dropLast().write(to: newest)
        let damaged = try CommandLineProgram.run(["check", scratch.path("run")])
        #expect(damaged.status == 1 && damaged.output.contains("NOT WHOLE  checkpoints/step-2.safetensors: "))
        #expect(damaged.output.hasSuffix("1 of 4 files are not whole\n"))
        expectRefusal(try CommandLineProgram.run(["sample", scratch.path("run")]), "no checkpoint that can be used")
    }
}
