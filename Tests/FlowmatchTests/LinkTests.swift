import Foundation
import Testing

/// What the pages link to in this repository is there.
@Suite("Links in the pages")
struct LinkTests {
    /// Every page of the repository.
    static let pages = RepositoryFiles.paths(ending: ".md")

    @Test func thereArePages() { #expect(LinkTests.pages.count > 40) }

    @Test("Each link of it leads to a file, and to a heading of that file", arguments: pages)
    func links(page: String) throws {
        let place = CommandLineProgram.root.appending(path: page)
        for target in MarkdownPage(try String(contentsOf: place, encoding: .utf8)).targets
        where !target.contains("://") && !target.hasPrefix("mailto:") {
            let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let path = try #require(parts[0].removingPercentEncoding)
            let file = path.isEmpty ? place : place.deletingLastPathComponent().appending(path: path)
            guard FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) else {
                Issue.record("\(page) links to \(target), which is not there")
                continue
            }
            guard parts.count == 2 else { continue }
            let headings = MarkdownPage(try String(contentsOf: file, encoding: .utf8)).anchors
            #expect(headings.contains(parts[1]), "\(page) links to \(target), which has no such heading")
        }
    }
}

/// What a page of Markdown links to and can be linked to at.
struct MarkdownPage {
    /// The lines that are text, not code.
    private let lines: [Substring]

    init(_ text: String) {
        var isCode = false
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            let isFence = line.drop { $0 == " " }.hasPrefix("```")
            if isFence { isCode.toggle() }
            return !isCode && !isFence
        }
    }

    /// Where its links and pictures lead.
    var targets: [String] {
        // A link's text may go on in the next line.
        let text = lines.joined(separator: "\n").replacing(/`[^`\n]*`/, with: "")
        return text.matches(of: /\]\(([^)\s]+)\)/).map { String($0.output.1) }
    }

    /// Its headings as the hosts of repositories name them.
    var anchors: Set<String> {
        Set(
            lines.filter { $0.wholeMatch(of: /#{1,6} .*/) != nil }.map { line in
                let title = line.drop { $0 == "#" }.dropFirst().lowercased()
                return String(title.filter { $0.isLetter || $0.isNumber || " -_".contains($0) })
                    .replacing(" ", with: "-")
            })
    }
}
