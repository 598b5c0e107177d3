import ArgumentParser
import Foundation
import Testing

@testable import FlowMatchingCommands

/// What is installed beside the program says what the program declares.
@Suite("Manual pages and completions")
struct ManualTests {
    /// The words of every command below the program, such as ["features", "train"].
    static let commands: [[String]] = below(Flowmatch.self, [])

    private static func below(_ command: any ParsableCommand.Type, _ words: [String]) -> [[String]] {
        command.configuration.subcommands.flatMap { sub -> [[String]] in
            let own = words + [sub._commandName]
            return [own] + below(sub, own)
        }
    }

    @Test("Each command has a page of its own, with its options")
    func pages() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "manual-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let help = folder.appending(path: "help.json")
        try Data(CommandLineProgram.run(["--experimental-dump-help"]).output.utf8).write(to: help)
        let script = """
            python3 '\(CommandLineProgram.root.path)/Scripts/manual.py' 1.2.3 '\(folder.path)' < '\(help.path)'
            """
        let outcome = try CommandLineProgram.run(["-c", script], program: URL(fileURLWithPath: "/bin/sh"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        for words in [[]] + ManualTests.commands {
            let name = (["flowmatch"] + words).joined(separator: "-")
            let page = try String(contentsOf: folder.appending(path: "\(name).1"), encoding: .utf8)
            for section in ["NAME", "SYNOPSIS", "OPTIONS", "EXIT STATUS", "SEE ALSO"] {
                #expect(page.contains("\n.Sh \(section)\n"), "\(name) has no section \(section)")
            }
            #expect(page.contains(#"flowmatch 1.2.3"#))
        }
        let train = try String(contentsOf: folder.appending(path: "flowmatch-train.1"), encoding: .utf8)
        #expect(train.contains(#".It Fl \-learning\-rate Ar "learning\-rate""#))
    }

    @Test("Completions know each command, each option and the kinds of a slot", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) throws {
        let script = try CommandLineProgram.run(["--generate-completion-script", shell]).output
        for word in ManualTests.commands.joined() { #expect(script.contains(word), "\(word) is missing") }
        for word in ["learning-rate", "dormand-prince", "optimizer.momentum="] { #expect(script.contains(word)) }
    }
}
