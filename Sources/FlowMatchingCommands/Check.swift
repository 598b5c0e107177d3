import ArgumentParser
import Experiments
import Foundation
import Training

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read everything of a run and say what is whole and what is not.",
        discussion: """
            Settings, records, checkpoints, pictures and event files are read to their ends and held against their checksums \
            and against each other. Nothing is changed. Exit code 1 if anything is not whole.
            """)

    @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"), completion: .directory)
    var folder: String

    func run() throws {
        let check = try RunCheck(RunFolder(path: folder)) { finding in
            if finding.problems.isEmpty {
                try Terminal.print("whole      \(finding.file): \(finding.content)")
            }
            for problem in finding.problems { try Terminal.print("NOT WHOLE  \(finding.file): \(problem)") }
        }
        let damaged = check.findings.count { !$0.problems.isEmpty }
        guard damaged == 0 else {
            try Terminal.print("\(damaged) of \(check.findings.count) files are not whole")
            throw ExitCode(1)
        }
        try Terminal.print("all \(check.findings.count) files are whole")
    }
}
