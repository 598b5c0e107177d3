public import ArgumentParser
import Compute
import Foundation
import Training

/// The program `flowmatch`: all commands.
///
/// A program that has registered kinds of its own has them in every command.
public struct Flowmatch: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "flowmatch",
        abstract: "Train, sample, compare and evaluate flow-matching generative models.",
        discussion: """
            A network learns the velocity field that carries noise to images. Train one, then sample it:

              flowmatch train --model unet --steps 300 --batch-size 64 --out runs/first
              flowmatch sample runs/first --guidance 3 --out digits.png
            """,
        version: "flowmatch \(Version.current)",
        subcommands: [
            Train.self, Sample.self, Evaluate.self, Likelihood.self, Invert.self, SolversCommand.self, Compare.self,
            Export.self,
            Import.self, Check.self, FeaturesCommand.self, Verify.self, Info.self,
            SettingsCommand.self, DataCommand.self, Devices.self, Bench.self, StudioCommand.self,
        ])

    public init() {}

    /// Runs the command that the process's arguments name, and ends the process.
    public static func main() {
        // XLA's start-up chatter is not for the people who read our lines.
        setenv("TF_CPP_MIN_LOG_LEVEL", "3", 0)
        Terminal.open()
        Interruption.listen()
        ScarceMemory.listen()
        do {
            try MachineLimits.current.checkOpenFiles()
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as OutputFailure {
            end(failure)
        } catch {
            end(error)
        }
        Foundation.exit(Terminal.exitCode)
    }

    /// Says what ended a command, help and versions among it, and ends the program.
    private static func end(_ error: any Error) -> Never {
        let code = exitCode(for: error).rawValue
        let message = fullMessage(for: error)
        if code == 0 {
            do { try Terminal.print(message) } catch { end(error) }
        } else if !message.isEmpty {
            Terminal.note(message)
        }
        Foundation.exit(code == 0 ? Terminal.exitCode : code)
    }

    private static func end(_ failure: OutputFailure) -> Never {
        if !failure.isSilent { Terminal.note("Error: \(failure)") }
        Foundation.exit(failure.exitCode)
    }
}
