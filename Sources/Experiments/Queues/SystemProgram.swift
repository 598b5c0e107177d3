import Foundation

/// Another program of this machine, called for what it says.
struct SystemProgram {
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String

        /// What it complained of, in a line.
        var complaint: String {
            let lines = errors.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            return lines.isEmpty ? "it ended with status \(status)" : lines.joined(separator: "; ")
        }
    }

    private let file: String
    private let environment: [String: String]

    /// Nil where the program is not on the path.
    ///
    /// - Parameter environment: what it gets
    init?(_ name: String, environment: [String: String]) {
        let folders = (environment["PATH"] ?? "").split(separator: ":")
        let files = folders.map { "\($0)/\(name)" }
        guard let file = files.first(where: FileManager.default.isExecutableFile(atPath:)) else { return nil }
        self.file = file
        self.environment = environment
    }

    /// Calls it and waits until it ends.
    ///
    /// - Parameter folder: where it is called; left out, here
    /// - Throws: what the system says where it cannot be started
    func run(_ arguments: [String], in folder: URL? = nil) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: file)
        process.arguments = arguments
        process.environment = environment
        if let folder { process.currentDirectoryURL = folder }
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        // A program that complains at length while it answers at length would wait for a reader; none of ours does.
        let errorText = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: errorText, as: UTF8.self))
    }
}
