import Datasets
import Formats
import Foundation

/// The built `flowmatch`, run as a person runs it.
struct CommandLineProgram {
    struct Outcome {
        let status: Int32
        /// Whether a signal ended it: a crash.
        let wasKilled: Bool
        let output: String
        let errors: String
    }

    static let executable: URL = {
        let bundles = Bundle.allBundles.map(\.bundleURL) + [Bundle.main.bundleURL]
        let folders = bundles + bundles.map { $0.deletingLastPathComponent() }
        let files = folders.map { $0.appendingPathComponent("flowmatch") }
        return files.first { FileManager.default.isExecutableFile(atPath: $0.path) } ?? files[0]
    }()

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// - Parameters:
    ///   - environment: variables beside those of this process
    ///   - folder: where it is run
    ///   - program: what is run
    ///   - signal: what interrupts it; left out, what Ctrl-C sends
    ///   - isDue: when to interrupt it
    static func run(
        _ arguments: [String], environment: [String: String] = [:], in folder: URL = root,
        program: URL = executable, signal: Int32 = SIGINT, interruptingWhen isDue: (() -> Bool)? = nil
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try withSignals { try process.run() }
        if let isDue {
            while process.isRunning, !isDue() { usleep(20_000) }
            kill(process.processIdentifier, signal)
        }
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let errorText = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
            output: String(decoding: text, as: UTF8.self), errors: String(decoding: errorText, as: UTF8.self))
    }
}

/// Calls `body` with no signal blocked on this thread: a test's thread blocks them, and a new process would too.
private func withSignals<Result>(_ body: () throws -> Result) rethrows -> Result {
    var (none, before) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return try body()
}

/// A folder of its own for one test, with a tiny MNIST in it.
final class Scratch {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("flowmatch-\(UUID().uuidString)")

    init(images: Int = 40) throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        for prefix in ["train", "t10k"] {
            let pixels = (0..<images * 784).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try IDXFile(shape: [images, 28, 28], values: pixels).write(to: file("\(prefix)-images-idx3-ubyte"))
            try IDXFile(shape: [images], values: (0..<images).map { UInt8($0 % 10) })
                .write(to: file("\(prefix)-labels-idx1-ubyte"))
        }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String) -> URL { url.appendingPathComponent(name) }

    func path(_ name: String) -> String { file(name).path }

    /// Names of the files that begin so, sorted.
    func files(_ prefix: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.filter { $0.hasPrefix(prefix) }.sorted()
    }
}
