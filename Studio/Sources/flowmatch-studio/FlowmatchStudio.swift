import ArgumentParser
import Compute
import FlowMatchingCommands
import Foundation
import Studio

/// Serves the studio. Asked to `train`, it is `flowmatch train`: the trainings that it starts need no other program.
struct FlowmatchStudio: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flowmatch-studio", abstract: "Look at runs while they learn, and draw from them, in a browser.")

    @OptionGroup var options: StudioOptions

    func run() async throws {
        let program = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
        var served = Studio.Options(runs: URL(fileURLWithPath: options.runs, isDirectory: true), trainer: program)
        served.port = options.port
        served.host = options.host
        served.niceness = options.nice
        let studio = try Studio(served)
        try await studio.serve { address in
            FileHandle.standardOutput.write(Data("The studio is at \(address)\nCtrl-C ends it.\n".utf8))
        }
        for name in await studio.runningTrainings {
            FileHandle.standardError.write(Data("The training of \(name) goes on.\n".utf8))
        }
    }
}

@main
enum Program {
    static func main() async {
        setenv("TF_CPP_MIN_LOG_LEVEL", "3", 0)
        if CommandLine.arguments.dropFirst().first == "train" { Flowmatch.main() }
        signal(SIGPIPE, SIG_IGN)
        await FlowmatchStudio.main()
        // Without the destructors of the libraries that are loaded, one of which may be computing on other threads.
        _exit(0)
    }
}
