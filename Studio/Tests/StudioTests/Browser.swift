import Foundation
import Synchronization

/// Headless Chromium, driven through its debugging protocol over two pipes
/// (https://chromedevtools.github.io/devtools-protocol, messages of JSON that end with a NUL).
final class Browser: Sendable {
    /// Where it is on this machine; nil where it is not.
    static let program = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// Whether tests fail where it is not, instead of being skipped.
    static let isRequired = ProcessInfo.processInfo.environment["FLOWMATCH_REQUIRE_BROWSER"] == "1"

    struct Failure: Error, CustomStringConvertible { let description: String }

    private struct Inbox {
        var bytes: [UInt8] = []
        var answers: [Int: [String: any Sendable]] = [:]
        /// What pages complained of.
        var complaints: [String] = []
        var count = 0
    }

    private let folder: URL
    private let process: Process
    private let commands: Int32
    private let answers: Int32
    private let inbox = Mutex(Inbox())
    private let session: Mutex<String?> = Mutex(nil)

    init() throws {
        guard let program = Browser.program else { throw Failure(description: "no chromium") }
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("studio-browser-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (toBrowser, fromBrowser) = (folder.path + "/in", folder.path + "/out")
        guard mkfifo(toBrowser, 0o600) == 0, mkfifo(fromBrowser, 0o600) == 0 else {
            throw Failure(description: "no pipes")
        }
        commands = open(toBrowser, O_RDWR | O_CLOEXEC)
        answers = open(fromBrowser, O_RDWR | O_CLOEXEC)
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c", "exec \"$0\" \"$@\" 3<'\(toBrowser)' 4>'\(fromBrowser)' 2>/dev/null", program, "--headless=new",
            "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe",
            "--user-data-dir=\(folder.path)/profile", "about:blank",
        ]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let target = try call("Target.createTarget", ["url": "about:blank"])["targetId"] as? String ?? ""
        let attached = try call("Target.attachToTarget", ["targetId": target, "flatten": true])
        session.withLock { $0 = attached["sessionId"] as? String }
        for domain in ["Page", "Runtime", "Log", "Network"] { _ = try call("\(domain).enable") }
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
        close(commands)
        close(answers)
        try? FileManager.default.removeItem(at: folder)
    }

    /// Asks for something and waits for the answer.
    @discardableResult
    func call(_ method: String, _ parameters: [String: any Sendable] = [:]) throws -> [String: any Sendable] {
        let number = inbox.withLock { inbox in
            inbox.count += 1
            return inbox.count
        }
        var message: [String: Any] = ["id": number, "method": method, "params": parameters]
        if let session = session.withLock({ $0 }) { message["sessionId"] = session }
        let bytes = [UInt8](try JSONSerialization.data(withJSONObject: message)) + [0]
        guard write(commands, bytes, bytes.count) == bytes.count else {
            throw Failure(description: "\(method) was not sent")
        }
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if let answer = inbox.withLock({ $0.answers.removeValue(forKey: number) }) {
                if let error = answer["error"] { throw Failure(description: "\(method): \(error)") }
                return answer["result"] as? [String: any Sendable] ?? [:]
            }
            read(milliseconds: 200)
        }
        throw Failure(description: "\(method) was not answered")
    }

    private func read(milliseconds: Int32) {
        var waiting = pollfd(fd: answers, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, milliseconds) > 0 else { return }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = Foundation.read(answers, &buffer, buffer.count)
        inbox.withLock { inbox in
            inbox.bytes += buffer.prefix(max(0, count))
            while let end = inbox.bytes.firstIndex(of: 0) {
                let data = Data(inbox.bytes[..<end])
                inbox.bytes.removeFirst(end + 1)
                guard let message = (try? JSONSerialization.jsonObject(with: data)) as? [String: any Sendable] else {
                    continue
                }
                if let number = message["id"] as? Int { inbox.answers[number] = message }
                let method = message["method"] as? String ?? ""
                if ["Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled"].contains(method) {
                    inbox.complaints.append("\(method): \(message["params"] ?? "")")
                }
            }
        }
    }

    /// Errors and notes of the console since the last time.
    func complaints() -> [String] {
        read(milliseconds: 50)
        return inbox.withLock { inbox in
            defer { inbox.complaints = [] }
            return inbox.complaints
        }
    }

    func show(width: Int, dark: Bool) throws {
        try call(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600])
        try call(
            "Emulation.setEmulatedMedia",
            ["features": [["name": "prefers-color-scheme", "value": dark ? "dark" : "light"]]])
    }

    /// Goes to a page and waits until it has loaded.
    func go(_ address: String) throws {
        try call("Page.navigate", ["url": address])
        try wait("document.readyState === 'complete' && location.href === \(Browser.quoted(address))")
    }

    /// The value of an expression; a promise is awaited.
    func evaluate(_ expression: String) throws -> (any Sendable)? {
        let answer = try call(
            "Runtime.evaluate", ["expression": expression, "awaitPromise": true, "returnByValue": true])
        if let exception = answer["exceptionDetails"] { throw Failure(description: "\(expression): \(exception)") }
        return (answer["result"] as? [String: any Sendable])?["value"]
    }

    func text(_ expression: String) throws -> String { try evaluate(expression) as? String ?? "" }

    /// Waits until an expression is true.
    func wait(_ expression: String, seconds: Double = 300) throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            if (try? evaluate(expression)) as? Bool == true { return }
            usleep(50_000)
        }
        throw Failure(
            description: "not within \(seconds) s: \(expression); \(try text("document.body.innerText.slice(0, 600)"))")
    }

    func press(_ key: String) throws {
        for type in ["keyDown", "keyUp"] {
            try call(
                "Input.dispatchKeyEvent",
                ["type": type, "key": key, "code": key, "windowsVirtualKeyCode": key == "Tab" ? 9 : 0])
        }
    }

    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "\\'") + "'" }
}
