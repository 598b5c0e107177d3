import ArgumentParser

@main
struct Flowmatch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flowmatch",
        abstract: "Train, sample, compare and evaluate flow-matching generative models.",
        version: "0.1.0",
        subcommands: [Verify.self, Devices.self])
}
