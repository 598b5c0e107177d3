internal import Foundation

/// Where an installed Python keeps its packages.
struct PythonPackages {
    let environment: [String: String]

    /// The folders from which Python imports packages, in its order; empty without one.
    func folders() -> [String] {
        guard let interpreter else { return [] }
        let process = Process()
        process.executableURL = URL(filePath: interpreter)
        process.arguments = ["-c", "import sys; print(*sys.path, sep='\\n')"]
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return [] }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return [] }
        return text.split(separator: "\n").map(String.init)
    }

    /// The active virtual environment's `python3`, else the first of the path.
    private var interpreter: String? {
        var folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        if let active = environment["VIRTUAL_ENV"], !active.isEmpty { folders.insert("\(active)/bin", at: 0) }
        return folders.map { "\($0)/python3" }.first(where: FileManager.default.isExecutableFile(atPath:))
    }
}
