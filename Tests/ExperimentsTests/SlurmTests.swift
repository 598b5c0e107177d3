import Foundation
import Testing

@testable import Experiments

@Suite("Slurm")
struct SlurmTests {
    private func job(
        _ workplace: Workplace, _ arguments: [String], program: String = "/bin/echo", tasks: [Int]? = [1, 3]
    )
        -> QueuedJob
    {
        QueuedJob(
            name: "train", summary: "Does it.",
            command: QueuedCommand(
                program: URL(filePath: program), arguments: arguments, workingFolder: workplace.url),
            tasks: tasks, predecessor: tasks == nil ? "12" : nil, folder: workplace.url)
    }

    @Test("Its options are long ones of sbatch, but for those that the comparison rests on")
    func options() throws {
        for text in ["partition=gpu", "exclusive", "gpus-per-node=1", "comment=two words", "export=ALL,A=b=c"] {
            #expect(try SlurmOption(text).argument == "--\(text)")
        }
        for text in ["", "=", "-p gpu", "--partition=gpu", "partition=", "two words", "a=b\nc", "1=2"] {
            #expect(throws: QueueError.malformedOption(text)) { try SlurmOption(text) }
        }
        for name in ["array", "dependency", "output", "wrap"] {
            #expect(throws: QueueError.ownOption(name)) { try SlurmOption("\(name)=1") }
        }
    }

    @Test("A job of several tasks is an array, its successor waits for its end; options have the last word")
    func submitted() throws {
        let (slurm, workplace) = (try StubbedSlurm(), try Workplace())
        let queue = try slurm.queue(["partition=gpu", "requeue"])
        #expect(try queue.submit(job(workplace, [])) == "12")
        #expect(try queue.submit(job(workplace, [], tasks: nil)) == "13")
        let calls = slurm.calls("sbatch")
        let stem = workplace.url.appendingPathComponent("train").path
        for word in [
            "--parsable ", "--requeue ", "--array=1,3 ", "--output=\(stem)-%a.out ", "--error=\(stem)-%a.log ",
            "--open-mode=append ", "--partition=gpu --requeue \(stem).sh",
        ] {
            #expect(calls[0].contains(word), "\(calls[0])")
        }
        #expect(calls[1].contains("--dependency=afterany:12 ") && !calls[1].contains("--array"))
        #expect(calls[1].contains("--output=\(stem).out ") && !calls[0].contains("--dependency"))
    }

    @Test(
        "The script calls the program from the folder of the command, with every argument as it was, and the task's number"
    )
    func script() throws {
        let (slurm, workplace) = (try StubbedSlurm(), try Workplace())
        let program = workplace.url.appendingPathComponent("a program's file")
        try Data("#!/bin/sh\npwd\nprintf '<%s>\\n' \"$@\"\n".utf8).write(to: program)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
        let arguments = [
            "compare", "", "it's", "two  words", "$HOME `id` \\ \"", "a\nb", "#", "model.channels=16,32;8",
        ]
        _ = try slurm.queue().submit(job(workplace, arguments, program: program.path))
        let script = workplace.url.appendingPathComponent("train.sh")
        #expect(try String(contentsOf: script, encoding: .utf8).hasPrefix("#!/bin/bash\n# Does it."))
        let shell = try #require(
            SystemProgram("bash", environment: ["PATH": "/usr/bin:/bin", "SLURM_ARRAY_TASK_ID": "3"]))
        let outcome = try shell.run([script.path])
        let words = (arguments + ["3"]).map { "<\($0)>\n" }.joined()
        #expect(outcome.output == "\(workplace.url.resolvingSymlinksInPath().path)\n\(words)", "\(outcome.errors)")
    }

    @Test("What it refuses, does not answer or does not have is told in its words")
    func refusals() throws {
        let workplace = try Workplace()
        let partly = try StubbedSlurm()
        try FileManager.default.removeItem(at: partly.folder.appendingPathComponent("squeue"))
        #expect(throws: QueueError.noProgram("squeue", queue: "Slurm")) { try partly.queue(path: "/none") }
        let refusing = try StubbedSlurm([
            "sbatch":
                "echo 'sbatch: error: invalid partition specified: gpu' >&2; echo 'sbatch: error: no' >&2; exit 1",
            "squeue": "echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1",
        ])
        let queue = try refusing.queue()
        #expect(
            throws: QueueError.refused(
                "sbatch: error: invalid partition specified: gpu; sbatch: error: no", queue: "Slurm")
        ) { try queue.submit(job(workplace, [])) }
        #expect(
            throws: QueueError.noAnswer("slurm_load_jobs error: Unable to contact slurm controller", queue: "Slurm")
        ) {
            try queue.states(of: ["12"])
        }
        let silent = try StubbedSlurm(["sbatch": "echo Submitted", "squeue": ""])
        #expect(throws: QueueError.refused("Submitted", queue: "Slurm")) {
            try silent.queue().submit(job(workplace, []))
        }
    }

    @Test("Every state of squeue is one of ours; why a task waits and where it runs is told")
    func states() throws {
        let slurm = try StubbedSlurm()
        try slurm.write(
            """
            12_1|PENDING|Resources|
            12_2|RUNNING|None|node[1-2]
            12_3|COMPLETED|None|node1
            12_4|PENDING|ReqNodeNotAvail, UnavailableNodes:node1|
            12_[5-9%2]|PENDING|Priority|
            13|PENDING|Dependency|
            something else
            """, to: "queue")
        let states = try slurm.queue().states(of: ["12", "13"])
        #expect(
            states == [
                QueuedTask(job: "12", number: 1): .waiting("for free processors or memory"),
                QueuedTask(job: "12", number: 2): .running(node: "node[1-2]"),
                QueuedTask(job: "12", number: 3): .ended,
                QueuedTask(job: "12", number: 4): .waiting(
                    "for nodes that are down, drained or reserved (ReqNodeNotAvail, UnavailableNodes:node1)"),
                QueuedTask(job: "13"): .waiting("for the runs"),
            ])
        #expect(slurm.calls("squeue")[0].hasSuffix("--jobs=12,13"))
        for word in ["PENDING", "PREEMPTED", "REQUEUED", "REQUEUE_HOLD", "RUNNING", "COMPLETING", "SUSPENDED"] {
            #expect(SlurmState.state(Substring(word)).isLive, "\(word)")
        }
        for word in ["CANCELLED by 1000", "FAILED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY", "DEADLINE", "BOOT_FAIL"] {
            guard case .failed = SlurmState.state(Substring(word)) else {
                Issue.record("\(word)")
                continue
            }
        }
    }

    @Test("What squeue has forgotten is asked of sacct, where there is one")
    func accounts() throws {
        let squeue = "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1"
        let alone = try StubbedSlurm(["squeue": squeue])
        #expect(try alone.queue(path: "/none").states(of: ["12"]).isEmpty)
        let accounted = try StubbedSlurm([
            "squeue": squeue, "sacct": "echo '12_1|COMPLETED|node1'; echo '12_2|CANCELLED by 0|None'",
        ])
        #expect(
            try accounted.queue().states(of: ["12"]) == [
                QueuedTask(job: "12", number: 1): .ended, QueuedTask(job: "12", number: 2): .failed("was cancelled"),
            ])
        let unaccounted = try StubbedSlurm([
            "squeue": squeue, "sacct": "echo 'accounting storage is disabled' >&2; exit 1",
        ])
        #expect(try unaccounted.queue().states(of: ["12"]).isEmpty)
    }
}
