import ArgumentParser
import Foundation
import Trials

@main
struct Torture: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "torture", abstract: "Disturb flowmatch in every way there is, and see that nothing is lost.")

    @Option(help: "For how long trials begin.")
    var seconds = 60.0

    @Option(help: "What all that is random follows from; by default another one each time.")
    var seed: UInt64?

    @Option(help: "Repeat this trial alone.")
    var trial: Int?

    @Option(help: "The program; by default the one beside this one.")
    var program: String?

    func run() throws {
        let here = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let program = program.map { URL(fileURLWithPath: $0) } ?? here.appendingPathComponent("flowmatch")
        let seed = seed ?? UInt64.random(in: 0..<1_000_000)
        say("seed \(seed), program \(program.path)")
        let series = TrialSeries(try Workshop(program: program), seed: seed)
        let result =
            if let trial { series.run(trial: trial) } else { series.run(seconds: seconds) { say("\($0)\n") } }
        if trial != nil { for finding in result.findings { say("\(finding)\n") } }
        say(result.figures)
        guard result.findings.isEmpty else { throw ExitCode.failure }
    }

    /// At once, also into a file that somebody watches.
    private func say(_ text: some CustomStringConvertible) {
        FileHandle.standardOutput.write(Data("\(text)\n".utf8))
    }
}
