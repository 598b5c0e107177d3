public import Compute
public import Datasets
import Experiments
public import Foundation
import HTTPTypes
import Hummingbird
import Logging
import UnixSignals

/// The studio: pages over a folder of runs, served on this machine.
public struct Studio: Sendable {
    /// How it is served.
    public struct Options: Sendable {
        /// The folder that holds the runs.
        public var runs: URL
        public var host = "127.0.0.1"
        /// 0 for any that is free.
        public var port = 8080
        /// By how much sampling steps back behind a training, from 0 to 19 as of nice(1).
        public var niceness = 10
        /// A program that trains as `flowmatch train` does.
        public var trainer: URL
        public var device = DeviceRequest()
        /// Where images of runs are that nobody named the folder of.
        public var places = DatasetPlaces(setUpFolder: SetUpFolder.url, cacheFolder: DiskCache.standard?.folder)
        /// The folder of the feature networks that read images.
        public var features = TrainedFeatures.folder

        public init(runs: URL, trainer: URL) {
            self.runs = runs
            self.trainer = trainer
        }
    }

    private let options: Options
    let runs: RunsFolder
    let list: RunList
    let watches = RunWatches()
    let laboratory: Laboratory
    let steps: StepQueue
    let noises = KeptNoises()
    let answers: ImageAnswers
    let library: Library
    let turns = DrawingTurns()
    let trainings: TrainingProcesses
    let assets: Assets

    /// - Throws: what is wrong with the folder of runs.
    public init(_ options: Options) throws {
        self.options = options
        runs = try RunsFolder(options.runs)
        list = RunList(runs)
        let thread = ComputeThread(niceness: options.niceness)
        laboratory = Laboratory(options.device, on: thread)
        steps = StepQueue(on: thread, niceness: options.niceness)
        answers = ImageAnswers(laboratory, noises, features: options.features, niceness: options.niceness)
        library = Library(options.places, niceness: options.niceness)
        trainings = TrainingProcesses(program: options.trainer, runs: runs)
        assets = try Assets()
    }

    /// Serves until a signal ends the process, or the task is cancelled.
    ///
    /// - Parameter onStart: told the address to go to
    public func serve(onStart: @escaping @Sendable (String) -> Void) async throws {
        // Which names it goes by is known when it has a port.
        let started = StartedSafety(options.host)
        let router = Router()
        router.add(middleware: LateSafety(started: started))
        addRoutes(to: router)
        var logger = Logger(label: "studio")
        logger.logLevel = .critical
        let host = options.host
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: options.port), serverName: nil,
                availableConnectionsDelegate: nil),
            onServerRunning: { channel in
                let safety = started.start(port: channel.localAddress?.port ?? 0)
                let name = host.contains(":") ? "[\(host)]" : host
                let query = safety.token.map { "?token=\($0)" } ?? ""
                onStart("http://\(name):\(channel.localAddress?.port ?? 0)/\(query)")
            },
            logger: logger)
        try await application.runService(gracefulShutdownSignals: [.sigterm, .sigint])
    }

    /// Trainings that go on when the studio ends.
    public var runningTrainings: [String] { get async { await trainings.running } }
}
