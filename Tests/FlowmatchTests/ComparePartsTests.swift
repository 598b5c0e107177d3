import Foundation
import TestSupport
import Testing

@Suite("A comparison in parts")
struct ComparePartsTests {
    private func arguments(_ scratch: Scratch, steps: Int = 2) -> [String] {
        ["compare", "--vary", "seed=0,1", "--sample-steps", "1", "--guidance", "3", "--steps", "\(steps)"]
            + CommandLineProgram.tiny + ["--data", scratch.url.path, "--out", scratch.path("both")]
    }

    /// A Slurm whose sbatch does the whole job before it answers, but for the first task, which it cancels.
    private func slurm(in scratch: Scratch) throws -> [String: String] {
        let programs = [
            "sbatch": """
            for word in "$@"; do
                case $word in
                --array=*) tasks=$(echo "${word#--array=}" | tr , ' ') ;;
                --output=*) output=${word#--output=} ;;
                --error=*) log=${word#--error=} ;;
                *.sh) script=$word ;;
                esac
            done
            for task in ${tasks:-none}; do
                [ "$task" = 1 ] && continue
                SLURM_ARRAY_TASK_ID=$task sh "$script" \
                    >"$(echo "$output" | sed "s/%a/$task/")" 2>>"$(echo "$log" | sed "s/%a/$task/")"
            done
            echo job >>"$0.jobs"
            wc -l <"$0.jobs"
            """,
            "squeue": "printf '1_1|CANCELLED|None|n\\n1_2|COMPLETED|None|n\\n2|COMPLETED|None|n\\n'",
            "scancel": "",
        ]
        let folder = scratch.file("bin")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in programs {
            let file = folder.appendingPathComponent(name)
            try Data("#!/bin/sh\n\(text)\n".utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        }
        return ["PATH": "\(folder.path):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"]
    }

    @Test(
        "By Slurm each run is a task and the report comes last, its words are the command's; it shows who is not trained",
        .needsPlugin)
    func slurm() throws {
        let scratch = try Scratch()
        let outcome = try CommandLineProgram.run(
            arguments(scratch) + ["--on", "slurm", "--slurm-option", "partition=a b"], environment: slurm(in: scratch))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("submitted 2 runs and the report"))
        #expect(outcome.errors.contains("seed 0: was cancelled"))
        #expect(outcome.output.contains("report.html\n") && outcome.output.contains("  seed 1: loss of the last step "))
        #expect(outcome.output.contains("  seed 0: failed: "))
        #expect(outcome.output.contains("seed-0 is trained for 0 of 2 steps only"))
        #expect(FileManager.default.fileExists(atPath: scratch.path("both/seed-1/metrics.jsonl")))
        // The command that the report tells is the whole comparison's.
        let report = try String(contentsOf: scratch.file("both/report.json"), encoding: .utf8)
        #expect(report.contains("--vary seed=0,1") && !report.contains("slurm") && !report.contains("--part"))
    }

    @Test("What cannot be is told")
    func refusals() throws {
        let scratch = try Scratch()
        func run(_ more: String..., environment: [String: String] = [:]) throws -> CommandLineProgram.Outcome {
            try CommandLineProgram.run(arguments(scratch) + more, environment: environment)
        }
        expectRefusal(
            try run("--on", "slurm", environment: ["PATH": scratch.url.path]), "there is no sbatch on the path")
        let slurm = try slurm(in: scratch)
        expectRefusal(
            try run("--on", "slurm", "--slurm-option", "-p gpu", environment: slurm), "without its dashes")
        expectRefusal(
            try run("--on", "slurm", "--slurm-option", "array=1", environment: slurm), "the comparison sets this option"
        )
        expectRefusal(try run("--part", "3"), "no run 3 among the 2")
        expectRefusal(try run("--on", "moon"), status: 64, "'local' and 'slurm'")
        expectRefusal(try run("--slurm-option", "exclusive"), status: 64, "--on slurm")
        expectRefusal(try run("--on", "slurm", "--part", "1"), status: 64, "--part")
        expectRefusal(try run("--part", "0"), status: 64, "--part")
        #expect(!FileManager.default.fileExists(atPath: scratch.path("both")))
    }
}
