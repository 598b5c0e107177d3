import Foundation
import FoundationXML
import Measurements
import Testing

@testable import Reports

private let hostile = "<img src=x onerror=alert(1)> & \"q\" '|' `code` [a](b) $x$ \\ *b* \u{0}\n# head"

@Suite struct HTMLReportTests {
    @Test func thePageNeedsNothingElse() throws {
        let (study, images) = try StudyFixture.full()
        let page = try HTMLReport.render(study, images: images)
        #expect(page.matches(of: /<script/).count == 1)
        #expect(page.matches(of: /(?:src|href)="(?!data:)/).isEmpty)
        #expect(page.matches(of: /url\(/).isEmpty)
        let namespace = "xmlns=\"http://www.w3.org/2000/svg\""
        #expect(page.replacingOccurrences(of: namespace, with: "").matches(of: /https?:/).isEmpty)
        #expect(page.matches(of: /src="data:image\/png;base64,/).count == 6)
        #expect(page.matches(of: /<h1>/).count == 1)
    }

    @Test func allFiguresAreThere() throws {
        let (study, images) = try StudyFixture.full()
        let page = try HTMLReport.render(study, images: images)
        for figure in figures { #expect(page.contains(figure), "\(figure)") }
        #expect(page.contains("<h3>B</h3>") && page.contains("A row for each label."))
    }

    @Test func hostileTextStaysText() throws {
        var (study, images) = try StudyFixture.full(steps: 60, title: hostile, names: [hostile, "b", "c"])
        study.command = hostile
        study.configuration = [Fact(hostile, hostile)]
        let page = try HTMLReport.render(study, images: images)
        #expect(!page.contains("<img src=x"))
        #expect(page.contains("&lt;img src=x onerror=alert(1)&gt; &amp; &quot;q&quot; &#39;|&#39;"))
    }

    @Test func aMissingPictureIsNamed() throws {
        let (study, _) = try StudyFixture.full(steps: 5)
        #expect(throws: ReportError.missingImage("picture-0-0.png")) {
            try HTMLReport.render(study, images: ReportImages())
        }
    }

    @Test(arguments: [0, 1, 2, 60]) func shortRunsAndNoModelsHaveAPage(steps: Int) throws {
        var (study, images) = try StudyFixture.full(steps: steps, groups: [])
        #expect(try HTMLReport.render(study, images: images).contains("<h2>Results</h2>"))
        study.subjects = []
        #expect(try HTMLReport.render(study, images: images).contains("Nothing was measured."))
    }
}

/// What ``StudyFixture/full(steps:title:names:groups:)`` says, in the text of every page.
private let figures = [
    "1,233,325", "16,888,528", "4,233,360", "131.00 ± 0.52", "124.00 ± 0.52", "154.00 ± 0.52", "131.15", "123.94",
    "154.31", "4,000", "3,788", "66.0", "113", "5 min 13 s", "2.34 GB", "0.001", "plugin.so", "0.115",
    "program compare", "Held-out error", "images per second", "last 500 steps", "width", "384", "5000 steps",
    "The published figures are made up.",
]

@Suite struct MarkdownReportTests {
    @Test func allFiguresAreThere() throws {
        let text = MarkdownReport.render(try StudyFixture.full().study)
        for figure in figures { #expect(text.contains(figure), "\(figure)") }
        for name in ["course.svg", "held-out.svg", "speed.svg", "sampling.svg", "picture-2-1.png"] {
            #expect(text.contains("](\(name))"))
        }
    }

    @Test func tablesKeepTheirColumns() throws {
        var (study, _) = try StudyFixture.full(steps: 60, title: hostile, names: [hostile, "b", "c"])
        study.configuration = [Fact(hostile, hostile)]
        study.command = "echo ````"
        let text = MarkdownReport.render(study)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("|") }
        for row in rows {
            let bars = row.replacingOccurrences(of: "\\\\", with: "").replacingOccurrences(of: "\\|", with: "")
                .count { $0 == "|" }
            #expect((3...5).contains(bars), "\(row)")
        }
        #expect(text.contains("`````sh\necho ````\n`````"))
        #expect(!text.replacingOccurrences(of: "\\<", with: "").contains("<"))
    }
}

@Suite struct ReportWriterTests {
    @Test func theFolderIsWhole() throws {
        let (study, images) = try StudyFixture.full(steps: 600)
        let folder = StudyFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try ReportWriter.write(study, images: images, to: folder)
        try ReportWriter.write(study, images: images, to: folder)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        let charts = ["course", "course-close-up", "final-error", "held-out", "sampling", "speed"]
        let expected =
            charts.map { "\($0).svg" } + images.names + ["report.csv", "report.html", "report.json", "report.md"]
        #expect(files == expected.sorted())
        for chart in charts {
            let svg = try Data(contentsOf: folder.appendingPathComponent("\(chart).svg"))
            #expect(XMLParser(data: svg).parse())
        }
        let back = try JSONReport.decode(Array(Data(contentsOf: folder.appendingPathComponent("report.json"))))
        #expect(back == study)
        let page = try String(contentsOf: folder.appendingPathComponent("report.html"), encoding: .utf8)
        #expect(try HTMLReport.render(back, images: images) == page)
    }

    @Test func nothingIsWrittenWithoutAllPictures() throws {
        let (study, _) = try StudyFixture.full(steps: 5)
        let folder = StudyFixture.temporaryFolder()
        #expect(throws: ReportError.self) { try ReportWriter.write(study, images: ReportImages(), to: folder) }
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    @Test func aFolderThatCannotBeMadeIsNamed() throws {
        let file = StudyFixture.temporaryFolder()
        try Data().write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let (study, images) = try StudyFixture.full(steps: 5)
        let folder = file.appendingPathComponent("report")
        let error = #expect(throws: ReportError.self) {
            try ReportWriter.write(study, images: images, to: folder)
        }
        #expect(error.map { "\($0)" }?.contains(folder.path) == true)
    }

    @Test(arguments: ["../a.png", "a/b.png", "a.svg", "", ".png", "a b.png", "a\".png"])
    func picturesHavePlainNames(name: String) throws {
        var images = ReportImages()
        let picture = try StudyFixture.picture()
        #expect(throws: ReportError.fileName(name)) { try images.add(picture, as: name) }
    }

    @Test func onlyPNGIsTaken() {
        var images = ReportImages()
        #expect(throws: ReportError.self) { try images.add(png: Array("GIF89a".utf8), as: "a.png") }
    }
}
