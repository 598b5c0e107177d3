import ArgumentParser
import Foundation
import Settings
import Testing
import Training

@testable import FlowMatchingCommands

/// What the pages tell a person to type is understood.
@Suite("Commands in the pages")
struct ReadmeTests {
    /// The lines of code blocks that call the program, without comments.
    static let commands: [String] = {
        let files = ["README.md", "Scripts/dist-readme.txt", "Makefile"] + DocumentationTests.pages
        return files.flatMap { file -> [String] in
            let text = try? String(contentsOf: CommandLineProgram.root.appending(path: file), encoding: .utf8)
            return (text ?? "").split(separator: "\n").compactMap { line in
                let words = line.drop { $0 == " " || $0 == "\t" }
                let calls = ["flowmatch ", "bin/flowmatch ", ".build/release/flowmatch "]
                guard let call = calls.first(where: words.hasPrefix) else { return nil }
                let command = words.dropFirst(call.count).prefix { $0 != "#" }
                // Sentences and tables that begin with the program's name are no commands.
                let isCommand = Flowmatch.configuration.subcommands.contains {
                    command.prefix { $0 != " " } == $0._commandName
                }
                return isCommand && !command.contains("$(") ? String(command) : nil
            }
        }
    }()

    @Test func thereAreCommandsInThem() { #expect(ReadmeTests.commands.count >= 15) }

    @Test("It is parsed, and its settings exist and are within their ranges", arguments: commands)
    func isUnderstood(command: String) throws {
        let parsed = try Flowmatch.parseAsRoot(command.split(separator: " ").map(String.init))
        if let compare = parsed as? Compare, compare.base == nil, compare.runs.isEmpty {
            let runs = try compare.members(in: CommandLineProgram.root.appending(path: "runs/none"))
            #expect(runs.count > 1)
        }
        guard let train = parsed as? Train, train.resume == nil else { return }
        _ = try train.settings.configuration(train.training.allAssignments)
    }

    @Test("The demo's settings exist and are within their ranges")
    func demo() throws {
        let makefile = try String(contentsOf: CommandLineProgram.root.appending(path: "Makefile"), encoding: .utf8)
        let line = try #require(makefile.split(separator: "\n").first { $0.hasPrefix("DEMO ?=") })
        let words = line.dropFirst("DEMO ?=".count).split(separator: " ").map(String.init)
        let train = try #require(try Flowmatch.parseAsRoot(["train", "--out", "x"] + words) as? Train)
        let configuration = try train.settings.configuration(train.training.allAssignments)
        #expect(configuration != RunConfiguration())
    }
}
