import ArgumentParser
import Compute
import FlowMatchingCommands
import Foundation
import Studio

/// Serves the studio. Asked to `train`, it is `flowmatch train`: the trainings that it starts need no other program.
struct FlowmatchStudio: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flowmatch-studio", abstract: "Look at runs while they learn, and draw from them, in a browser.")

    @Argument(help: ArgumentHelp("The folder that holds the runs.", valueName: "runs-folder"), completion: .directory)
    var runs = "runs"

    @Option(help: "The port to listen on; 0 for any that is free.")
    var port = 8080

    @Option(help: "The address to listen on; any but a loopback one asks for a token.")
    var host = "127.0.0.1"

    @Option(help: "By how much sampling steps back behind a training, from 0 to 19.")
    var nice = 10

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be from 0 to 65535.") }
        guard (0...19).contains(nice) else { throw ValidationError("--nice must be from 0 to 19.") }
    }

    func run() async throws {
        let program = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
        var options = Studio.Options(runs: URL(fileURLWithPath: runs, isDirectory: true), trainer: program)
        options.port = port
        options.host = host
        options.niceness = nice
        let studio = try Studio(options)
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
