import Foundation

/// A call of the program by a shell, in words that can be typed again.
struct Command: CustomStringConvertible {
    var arguments: [String]
    var environment: [String: String] = [:]
    /// Shell text before the call, such as `ulimit -f 8;`.
    var prelude = ""
    /// Shell text right after the arguments, such as `2>&-`.
    var redirection = ""
    /// Shell text that ends a call which is not the shell's last.
    var postlude: String?
    /// A signal, and how long after the start it is sent.
    var signal: (number: Int32, milliseconds: Int)?
    /// How long the call may take.
    var seconds = 120.0

    init(_ arguments: [String]) { self.arguments = arguments }

    /// Lets a call of the program on files under `folder` fail.
    mutating func disturb(
        under folder: URL, call: String = "", at number: Int = 0, deed: String = "", isLasting: Bool = false,
        room: Int? = nil, log: URL? = nil, by library: URL
    ) {
        environment["LD_PRELOAD"] = library.path
        environment["FAULT_UNDER"] = folder.path
        if !call.isEmpty { environment["FAULT_CALL"] = call }
        if number > 0 { environment["FAULT_AT"] = "\(number)" }
        if !deed.isEmpty { environment["FAULT_DO"] = deed }
        if isLasting { environment["FAULT_LASTING"] = "1" }
        if let room { environment["FAULT_ROOM"] = "\(room)" }
        if let log { environment["FAULT_LOG"] = log.path }
    }

    /// The text that a shell runs, with the program's output to two files.
    func script(_ program: URL, output: URL, errors: URL) -> String {
        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.quoted($0.value)) " }.joined()
        let words = ([program.path] + arguments).map(Self.quoted).joined(separator: " ")
        let call = "\(postlude == nil ? "exec " : "")env \(variables)\(words)"
        // Before the prelude, which may take the shell's descriptors away.
        let files = "exec > \(Self.quoted(output.path)) 2> \(Self.quoted(errors.path));"
        return [files, prelude, call, redirection, postlude ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
    }

    var description: String {
        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.quoted($0.value))" }
        let words = variables + ["flowmatch"] + arguments.map(Self.quoted)
        let text = ([prelude] + words + [redirection, postlude ?? ""]).filter { !$0.isEmpty }.joined(separator: " ")
        return signal.map { "\(text)  # signal \($0.number) after \($0.milliseconds) ms" } ?? text
    }

    private static func quoted(_ word: String) -> String {
        let plain = word.allSatisfy { $0.isLetter || $0.isNumber || "_-./=,:+".contains($0) }
        return plain && !word.isEmpty ? word : "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
    }
}
