import Compute
import Foundation
import Settings
import Testing
import Training

/// The pages of Documentation/ say what is so.
@Suite("The documentation")
struct DocumentationTests {
    static let pages = RepositoryFiles.paths(in: "Documentation", ending: ".md")

    // MARK: Slots

    static let slots = SettingsManual(RunConfiguration()).sections.filter { $0.choice != nil }

    /// The page of each slot, by the command that it begins with.
    private static func slotPages() throws -> [String: String] {
        var found: [String: String] = [:]
        for page in RepositoryFiles.paths(in: "Documentation/Slots", ending: ".md") {
            let text = try RepositoryFiles.text(page)
            let slot = try #require(text.firstMatch(of: /`flowmatch settings (\w+)`/), "\(page) names no slot").output.1
            found[String(slot)] = text
        }
        return found
    }

    @Test("There is a page for each slot, and for nothing else")
    func aPageASlot() throws {
        #expect(try DocumentationTests.slotPages().keys.sorted() == DocumentationTests.slots.map(\.name).sorted())
    }

    @Test("The page of a slot lists its kinds", arguments: slots.map(\.name))
    func kinds(slot: String) throws {
        let page = try #require(try DocumentationTests.slotPages()[slot])
        let kinds = page.split(separator: "\n").compactMap { $0.firstMatch(of: /^\| `([^`]+)` \|/)?.output.1 }
        let section = try #require(DocumentationTests.slots.first { $0.name == slot })
        #expect(kinds.map(String.init).sorted() == section.kinds.map(\.name).sorted())
    }

    // MARK: Swift

    /// The lines of Swift of a page, block by block.
    private static func swift(in page: String) -> [[String]] {
        var blocks: [[String]] = []
        var isInside = false
        for line in page.split(separator: "\n") {
            if line == "```swift" { blocks.append([]) }
            if isInside && line != "```" { blocks[blocks.count - 1].append(line.trimmingCharacters(in: .whitespaces)) }
            isInside = line == "```swift" || isInside && line != "```"
        }
        return blocks
    }

    @Test("Its Swift is that of a file that is built", arguments: pages)
    func snippets(page: String) throws {
        let files = ["Examples", "Tests/FlowmatchTests"].flatMap { RepositoryFiles.paths(in: $0, ending: ".swift") }
        let sources = try files.map { file in
            try RepositoryFiles.text(file).split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        for block in DocumentationTests.swift(in: try RepositoryFiles.text(page)) {
            let isThere = sources.contains { $0.contains(block) }
            #expect(isThere, "\(page): no file has\n\(block.joined(separator: "\n"))")
        }
    }

    @Test("A plugin that is not there is refused")
    func plugin() {
        #expect(throws: (any Error).self) {
            var request = DeviceRequest()
            request.plugin = "/opt/xla/pjrt_plugin.so"
            let engine = try request.engine()
            _ = engine
        }
    }

    // MARK: Messages

    @Test("The messages that are explained are messages of the program")
    func messages() throws {
        let files =
            RepositoryFiles.paths(in: "Sources", ending: ".swift") + RepositoryFiles.paths(in: "Scripts", ending: ".sh")
        let sources = try files.map(RepositoryFiles.text).joined()
        // Sentences that go on in the next line of a source.
        let sentences = sources.replacing(/"\s*\+\s*"|\\\n\s*/, with: "")
        let page = try RepositoryFiles.text("Documentation/Errors.md")
        let messages = page.matches(of: /(?m)^\| `([^`]+)`/).map { String($0.output.1) }
        #expect(messages.count > 20)
        // What Swift says is not in our sources.
        for message in messages where !message.hasPrefix("could not find module") {
            let parts = message.split(separator: "...").map { $0.trimmingCharacters(in: .whitespaces) }
            for part in parts where part.count > 1 {
                #expect(sentences.contains(part), "\"\(part)\", of \"\(message)\", is no message")
            }
        }
    }
}
