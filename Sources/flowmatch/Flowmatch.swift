import ArgumentParser
import CProcessMemory
import Foundation
import Training

@main
struct Flowmatch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flowmatch",
        abstract: "Train, sample, compare and evaluate flow-matching generative models.",
        discussion: """
            A network learns the velocity field that carries noise to images. Train one, then sample it:

              flowmatch train --model unet --steps 300 --batch-size 64 --out runs/first
              flowmatch sample runs/first --guidance 3 --out digits.png
            """,
        version: "flowmatch \(Version.current)",
        subcommands: [
            Train.self, Sample.self, Likelihood.self, Invert.self, SolversCommand.self, Compare.self, Export.self,
            Import.self, Verify.self, Info.self,
            SettingsCommand.self, DataCommand.self, Devices.self, Bench.self,
        ])

    static func main() {
        // XLA's start-up chatter is not for the people who read our lines.
        setenv("TF_CPP_MIN_LOG_LEVEL", "3", 0)
        _ = process_memory_keep()
        main(nil)
    }
}
