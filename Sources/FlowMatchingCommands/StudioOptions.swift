public import ArgumentParser

/// What is said to the studio when it is started, by `flowmatch studio` and by the studio's own program.
public struct StudioOptions: ParsableArguments {
    /// The folder that holds the runs.
    @Argument(help: ArgumentHelp("The folder that holds the runs.", valueName: "runs-folder"), completion: .directory)
    public var runs = "runs"

    /// 0 for any that is free.
    @Option(help: "The port to listen on; 0 for any that is free.")
    public var port = 8080

    /// The address to listen on.
    @Option(help: "The address to listen on; any but a loopback one asks for a token.")
    public var host = "127.0.0.1"

    /// From 0 to 19, as of nice(1).
    @Option(help: "By how much sampling steps back behind a training, from 0 to 19.")
    public var nice = 10

    public init() {}

    public func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be from 0 to 65535.") }
        guard (0...19).contains(nice) else { throw ValidationError("--nice must be from 0 to 19.") }
    }

    /// The words that say the same to a program.
    var words: [String] { [runs, "--port", "\(port)", "--host", host, "--nice", "\(nice)"] }
}
