import Foundation
import Training

@testable import Studio

/// A folder of runs of a test's own, removed at the end.
final class TemporaryRuns {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("studio-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// A run that was recorded up to a step, without weights.
    @discardableResult
    func record(_ name: String, steps: Int, of total: Int) throws -> RunFolder {
        let folder = RunFolder(url.appendingPathComponent(name, isDirectory: true))
        var configuration = RunConfiguration()
        configuration.training.steps = total
        try folder.save(configuration)
        try append(1...max(1, steps), to: folder)
        return folder
    }

    /// Lines as a training writes them.
    func append(_ steps: ClosedRange<Int>, to folder: RunFolder) throws {
        var text = (try? String(contentsOf: folder.metricsFile, encoding: .utf8)) ?? ""
        for step in steps {
            let held = step.isMultiple(of: 5) ? ",\"validation_loss\":0.5,\"validation_loss_averaged\":0.25" : ""
            text +=
                "{\"gradient_norm\":1,\"images_per_second\":10,\"learning_rate\":0.001,\"loss\":\(1.0 / Double(step)),"
                + "\"seconds\":0.1,\"step\":\(step)\(held)}\n"
        }
        try text.write(to: folder.metricsFile, atomically: true, encoding: .utf8)
    }
}

/// A studio that serves while a test asks.
struct RunningStudio {
    let port: Int
    let address: String

    /// Serves some runs on any free port as long as `body` runs, which it does on a thread of its own: it waits, and the
    /// threads of Swift's tasks are the server's.
    static func serving<Result: Sendable>(
        _ runs: URL, host: String = "127.0.0.1", trainer: URL = URL(fileURLWithPath: "/bin/false"),
        features: URL? = nil, _ body: @Sendable @escaping (RunningStudio) throws -> Result
    ) async throws -> Result {
        var options = Studio.Options(runs: runs, trainer: trainer)
        options.port = 0
        options.host = host
        // Tests wait for what is drawn.
        options.niceness = 0
        if let features { options.features = features }
        let studio = try Studio(options)
        let (addresses, continuation) = AsyncStream<String>.makeStream()
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await studio.serve { continuation.yield($0) }
                continuation.finish()
                return nil
            }
            group.addTask {
                for await address in addresses {
                    let port = URLComponents(string: address)?.port ?? 0
                    let studio = RunningStudio(port: port, address: address)
                    return try await withCheckedThrowingContinuation { continuation in
                        Thread { continuation.resume(with: Swift.Result { try body(studio) }) }.start()
                    }
                }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() { if let result { return result } }
            throw NeverStarted()
        }
    }

    struct NeverStarted: Error {}

    /// Sends bytes as they are and reads what comes until the server closes, or enough has come.
    func exchange(_ request: String, until enough: (String) -> Bool = { _ in false }) throws -> Answer {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 600, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = in_port_t(port).bigEndian
        place.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw NeverStarted() }
        let bytes = Array(request.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            // A server that has heard enough closes.
            guard count > 0 else { break }
            sent += count
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            received += buffer[..<count]
            let text = String(decoding: received, as: UTF8.self)
            if enough(text) { break }
        }
        return Answer(String(decoding: received, as: UTF8.self))
    }

    /// Asks for a page as a browser does.
    func get(_ path: String, _ headers: [String: String] = [:]) throws -> Answer {
        var fields = ["Host": "127.0.0.1:\(port)", "Connection": "close", "Accept": "text/html"]
        fields.merge(headers) { $1 }
        return try exchange(
            "GET \(path) HTTP/1.1\r\n" + fields.map { "\($0.key): \($0.value)\r\n" }.joined() + "\r\n")
    }

    func post(_ path: String, _ body: String, _ headers: [String: String] = [:]) throws -> Answer {
        var fields = [
            "Host": "127.0.0.1:\(port)", "Origin": "http://127.0.0.1:\(port)", "Connection": "close",
            "Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": "\(body.utf8.count)",
        ]
        fields.merge(headers) { $1 }
        return try exchange(
            "POST \(path) HTTP/1.1\r\n"
                + fields.filter { !$0.value.isEmpty }.map { "\($0.key): \($0.value)\r\n" }.joined()
                + "\r\n" + body)
    }
}

/// What came back.
struct Answer: CustomStringConvertible {
    let status: Int
    let head: String
    let body: String

    init(_ text: String) {
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        head = String(parts.first ?? "")
        body = parts.count > 1 ? String(parts[1]) : ""
        status = Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0
    }

    func header(_ name: String) -> String? {
        head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
            .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }

    var description: String { "\(status): \(body.prefix(300))" }
}
