import Foundation
import Testing
import Training

@testable import Experiments

@Suite("A comparison by a batch system")
struct QueuedComparisonTests {
    private let slurm: StubbedSlurm
    private let workplace: Workplace

    init() throws {
        slurm = try StubbedSlurm()
        workplace = try Workplace()
    }

    private var folder: URL { workplace.url.appendingPathComponent("both", isDirectory: true) }

    /// Runs of three seeds, the last of which is sampled in two ways.
    private func members() throws -> [ComparedRun] {
        try [(0, 1), (1, 1), (2, 1), (2, 2)].map { seed, steps in
            ComparedRun(
                name: "\(seed)-\(steps)", title: "seed \(seed)",
                configuration: try workplace.configuration(
                    "training.steps=4", "training.seed=\(seed)", "sampling.steps=\(steps)"),
                folder: workplace.run("both/\(seed)"))
        }
    }

    private struct Followed {
        let report: QueuedReport?
        var output: String? { report?.output }
        let events: [String]
    }

    /// - Parameter questions: after so many it is stopped
    private func follow(_ arguments: [String] = ["compare", "--vary", "seed=0,1,2"], questions: Int = 1) throws
        -> Followed
    {
        let command = QueuedCommand(
            program: URL(filePath: "/bin/true"), arguments: arguments, workingFolder: workplace.url)
        let comparison = QueuedComparison(
            try members(), guidance: [1], in: folder, on: try slurm.queue(), by: command, partOption: "--part",
            interval: .zero)
        var events: [String] = []
        var asked = 0
        let isEnough = {
            asked += 1
            return asked >= questions
        }
        let report = try comparison.run(until: isEnough) { event in
            switch event {
            case .submitted(let runs, let jobs): events.append("submitted \(runs) as \(jobs)")
            case .attached(let jobs): events.append("attached to \(jobs)")
            case .run(let run, let state): events.append("\(run.title): \(state)")
            case .report(let state): events.append("report: \(state)")
            case .steps(let done, let total): events.append("\(done) of \(total)")
            case .notice(let text): events.append(text)
            }
        }
        return Followed(report: report, events: events)
    }

    /// What squeue does from now on: at each call the next, at the end the last.
    private func answer(_ answers: String...) throws {
        let cases = answers.enumerated().map { "\($0 + 1)) \($1) ;;" }.joined(separator: "\n")
        let count = "'\(slurm.folder.path)/count'"
        try slurm.write(
            """
            #!/bin/sh
            [ -f \(count) ] || echo 0 > \(count)
            count=$(($(cat \(count)) + 1))
            [ $count -gt \(answers.count) ] && count=\(answers.count)
            echo $count > \(count)
            case $count in
            \(cases)
            esac
            """, to: "squeue")
    }

    /// The job of the report writes a text.
    private func report(_ text: String) -> String { "echo '\(text)' > '\(folder.path)/slurm/report.out'" }

    @Test("Each run that is not finished is a task, those of one folder one; the report comes after them")
    func submitted() throws {
        _ = try workplace.begun(members()[1].configuration, steps: 4, "both/1")
        try slurm.write("12_1|PENDING|Priority|\n12_3|RUNNING|None|node1\n13|PENDING|Dependency|", to: "queue")
        let followed = try follow()
        #expect(followed.output == nil)
        #expect(
            followed.events == [
                #"submitted 2 as ["12", "13"]"#, "seed 0: waiting(Optional(\"for jobs before it\"))",
                #"seed 2: running(node: "node1")"#, #"report: waiting(Optional("for the runs"))"#,
            ])
        #expect(slurm.calls("sbatch")[0].contains("--array=1,3 "))
        #expect(slurm.calls("sbatch")[1].contains("--dependency=afterany:12 "))
        let scripts = try ["train", "report"].map {
            try String(contentsOf: folder.appendingPathComponent("slurm/\($0).sh"), encoding: .utf8)
        }
        #expect(scripts[0].contains("\nexec /bin/true compare --vary seed=0,1,2 --part \"$SLURM_ARRAY_TASK_ID\"\n"))
        #expect(scripts[1].contains("\nexec /bin/true compare --vary seed=0,1,2 --part report\n"))
    }

    @Test(
        "The same command attaches to its jobs; another is refused while they work; once all ended, what is left is submitted"
    )
    func attached() throws {
        try slurm.write(
            "12_1|RUNNING|None|node1\n12_2|FAILED|NonZeroExitCode|node1\n13|PENDING|Dependency|", to: "queue")
        #expect(try follow().events.first == #"submitted 3 as ["12", "13"]"#)
        let again = try follow()
        #expect(again.events.first == #"attached to ["12", "13"]"# && slurm.calls("sbatch").count == 2)
        let error = try #require(throws: QueueError.self) { try follow(["compare"]) }
        #expect("\(error)".contains("`flowmatch compare --vary seed=0,1,2`") && "\(error)".contains("`scancel 12 13`"))

        _ = try workplace.begun(members()[0].configuration, steps: 4, "both/0")
        try answer("echo '12_2|FAILED|NonZeroExitCode|n'; echo '13|COMPLETED|None|n'", "echo '15|PENDING|Dependency|'")
        #expect(try follow(["compare"]).events.first == #"submitted 2 as ["14", "15"]"#)
        #expect(slurm.calls("sbatch")[2].contains("--array=2,3 "))
    }

    @Test("A task that comes back is heard of again; the end is that of the report, and its output is given")
    func followed() throws {
        try answer(
            "echo '12_1|RUNNING|None|n'; echo '13|PENDING|None|'",
            "echo '12_1|FAILED|NonZeroExitCode|n'; echo '13|PENDING|None|'",
            "echo '12_1|PENDING|BeginTime|'; echo '13|PENDING|None|'",
            "echo '12_1|COMPLETED|None|n'; echo '13|COMPLETED|None|n'; \(report("report: r"))")
        for seed in 1...2 { _ = try workplace.begun(members()[seed].configuration, steps: 4, "both/\(seed)") }
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("slurm"), withIntermediateDirectories: true)
        try Data("first\nError: broken\n\n".utf8).write(to: folder.appendingPathComponent("slurm/train-1.log"))
        let followed = try follow(questions: 100)
        #expect(followed.output == "report: r\n")
        #expect(followed.events.filter { $0.hasPrefix("seed 0") }.count == 4)
        #expect(followed.events.contains { $0.contains("seed 0: failed(\"ended with an error: Error: broken (") })
    }

    @Test("Without the job of the report that of the training is withdrawn, and the next command begins anew")
    func half() throws {
        try slurm.write("sbatch: error: too many jobs", to: "refusal")
        try slurm.write("1", to: "taken")
        #expect(throws: QueueError.refused("sbatch: error: too many jobs", queue: "Slurm")) { try follow() }
        #expect(slurm.calls("scancel") == ["12"])
        #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("slurm/jobs.json").path))
    }

    @Test(
        "A report that came to nothing is told with its last words, and one that the queue has forgotten is known by its output"
    )
    func report() throws {
        try slurm.write("13|FAILED|NonZeroExitCode|node1", to: "queue")
        let slurmFolder = folder.appendingPathComponent("slurm")
        try FileManager.default.createDirectory(at: slurmFolder, withIntermediateDirectories: true)
        try Data("Error: no space\n".utf8).write(to: slurmFolder.appendingPathComponent("report.log"))
        let error = try #require(throws: QueueError.self) { try follow() }
        #expect("\(error)".hasPrefix("the job of the report ended with an error: Error: no space; its log is "))
        try slurm.write("", to: "queue")
        #expect(throws: QueueError.self) { try follow() }
        try answer(":", "echo '17|RUNNING|None|n'", report("done"))
        #expect(try follow(questions: 100).report == QueuedReport(output: "done\n", isGood: true))
        // Where all runs failed there is a report nevertheless.
        try FileManager.default.removeItem(at: slurm.folder.appendingPathComponent("count"))
        try answer(":", "echo '19|FAILED|NonZeroExitCode|n'; \(report("all failed"))")
        #expect(try follow(questions: 100).report == QueuedReport(output: "all failed\n", isGood: false))
    }

    @Test("A queue that does not answer for a while is asked again")
    func silence() throws {
        try answer("echo gone >&2; exit 1", "echo gone >&2; exit 1", "echo '13|COMPLETED|None|n'; \(report("report"))")
        let followed = try follow(questions: 100)
        #expect(followed.output == "report\n")
        #expect(followed.events.filter { $0.contains("gone; asking again") }.count == 1)
    }

    @Test("Where all runs are finished the report alone is submitted")
    func finished() throws {
        for (seed, run) in zip([0, 1, 2], try members()) {
            _ = try workplace.begun(run.configuration, steps: 4, "both/\(seed)")
        }
        try slurm.write("12|PENDING|Priority|", to: "queue")
        #expect(try follow().events.first == #"submitted 0 as ["12"]"#)
        #expect(!slurm.calls("sbatch")[0].contains("--dependency"))
    }

    @Test("What cannot be compared is refused before anything is submitted")
    func refused() throws {
        _ = try workplace.begun(workplace.configuration("training.steps=4", "training.seed=7"), steps: 2, "both/0")
        #expect(throws: TrainingError.self) { try follow() }
        #expect(slurm.calls("sbatch").isEmpty)
    }

    @Test(
        "A part is a run's number, or the report",
        arguments: [
            ("1", true), ("12", true), ("report", true), ("0", false), ("-1", false), ("", false), ("all", false),
        ])
    func part(_ text: String, isOne: Bool) {
        #expect(ComparisonPart(text).map { "\($0)" } == (isOne ? text : nil))
    }
}
