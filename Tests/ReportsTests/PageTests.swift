import Foundation
import FoundationXML
import Testing

@testable import Reports

private let hostile = "<img src=x onerror=alert(1)> & \"q\" '|' `code` [a](b) $x$ \\ *b* \u{0}\n# head"

@Suite struct HTMLReportTests {
    @Test func thePageNeedsNothingElse() throws {
        let (report, images) = try ReportFixture.full()
        let page = try HTMLReport.render(report, images: images)
        #expect(!page.contains("<script"))
        #expect(page.matches(of: /(?:src|href)="(?!data:)/).isEmpty)
        #expect(page.matches(of: /url\(/).isEmpty)
        let namespace = "xmlns=\"http://www.w3.org/2000/svg\""
        #expect(page.replacingOccurrences(of: namespace, with: "").matches(of: /https?:/).isEmpty)
        #expect(page.matches(of: /src="data:image\/png;base64,/).count == 6)
        #expect(page.matches(of: /<h1>/).count == 1)
    }

    @Test func allFiguresAreThere() throws {
        let (report, images) = try ReportFixture.full()
        let page = try HTMLReport.render(report, images: images)
        for figure in figures { #expect(page.contains(figure), "\(figure)") }
        #expect(page.contains("Guidance 3") && page.contains("Held-out loss") && page.contains("EMA decay"))
    }

    @Test func hostileTextStaysText() throws {
        var (report, images) = try ReportFixture.full(steps: 60, title: hostile, names: [hostile, "b", "c"])
        report.command = hostile
        report.configuration.settings = [ReportSetting(name: hostile, value: hostile)]
        let page = try HTMLReport.render(report, images: images)
        #expect(!page.contains("<img src=x"))
        #expect(page.contains("&lt;img src=x onerror=alert(1)&gt; &amp; &quot;q&quot; &#39;|&#39;"))
    }

    @Test func aMissingPictureIsNamed() throws {
        let report = try ReportFixture.full(steps: 5).report
        #expect(throws: ReportError.missingImage("samples-0-1.png")) {
            try HTMLReport.render(report, images: ReportImages())
        }
    }

    @Test(arguments: [0, 1, 2, 60]) func shortRunsAndNoModelsHaveAPage(steps: Int) throws {
        var (report, images) = try ReportFixture.full(steps: steps, guidances: [])
        #expect(try HTMLReport.render(report, images: images).contains("<h2>Results</h2>"))
        report.models = []
        #expect(try HTMLReport.render(report, images: images).contains("No model was run."))
    }
}

/// Figures of ``ReportFixture/full(steps:batchSize:title:names:guidances:)`` and the published ones beside them.
private let figures = [
    "1,233,325", "16,888,528", "4,233,360", "131.00", "124.00", "154.00", "131.15", "123.94", "154.31", "128.39",
    "116.64", "149.29", "15.2", "14.3", "17.4", "66.4", "72.1", "113", "4,000", "16.0", "66.0", "5 min 13 s", "6.25 s",
    "2.34 GB", "0.001", "plugin.so", "0.115", "flowmatch compare --steps 5000 --seed 7".prefix(17).description,
]

@Suite struct MarkdownReportTests {
    @Test func allFiguresAreThere() throws {
        let text = MarkdownReport.render(try ReportFixture.full().report)
        for figure in figures { #expect(text.contains(figure), "\(figure)") }
        for name in ["loss.svg", "held-out.svg", "training-speed.svg", "sampling-speed.svg", "samples-2-3.png"] {
            #expect(text.contains("](\(name))"))
        }
    }

    @Test func tablesKeepTheirColumns() throws {
        var report = try ReportFixture.full(steps: 60, title: hostile, names: [hostile, "b", "c"]).report
        report.configuration.settings = [ReportSetting(name: hostile, value: hostile)]
        report.command = "echo ````"
        let text = MarkdownReport.render(report)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("|") }
        for row in rows {
            let bars = row.replacingOccurrences(of: "\\\\", with: "").replacingOccurrences(of: "\\|", with: "")
                .count { $0 == "|" }
            #expect(bars == 5 || bars == 3, "\(row)")
        }
        #expect(text.contains("`````sh\necho ````\n`````"))
        #expect(!text.replacingOccurrences(of: "\\<", with: "").contains("<"))
    }
}

@Suite struct ReportWriterTests {
    @Test func theFolderIsWhole() throws {
        let (report, images) = try ReportFixture.full(steps: 600)
        let folder = ReportFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try ReportWriter.write(report, images: images, to: folder)
        try ReportWriter.write(report, images: images, to: folder)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        let charts = ["final-loss", "held-out", "loss", "loss-last-steps", "sampling-speed", "training-speed"]
        let expected =
            charts.map { "\($0).svg" } + images.names + ["report.html", "report.json", "report.md"]
        #expect(files == expected.sorted())
        for chart in charts {
            let svg = try Data(contentsOf: folder.appendingPathComponent("\(chart).svg"))
            #expect(XMLParser(data: svg).parse())
        }
        let back = try JSONReport.decode(Array(Data(contentsOf: folder.appendingPathComponent("report.json"))))
        #expect(back == report)
        let page = try String(contentsOf: folder.appendingPathComponent("report.html"), encoding: .utf8)
        #expect(try HTMLReport.render(back, images: images) == page)
    }

    @Test func nothingIsWrittenWithoutAllPictures() throws {
        let report = try ReportFixture.full(steps: 5).report
        let folder = ReportFixture.temporaryFolder()
        #expect(throws: ReportError.self) { try ReportWriter.write(report, images: ReportImages(), to: folder) }
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    @Test func aFolderThatCannotBeMadeIsNamed() throws {
        let file = ReportFixture.temporaryFolder()
        try Data().write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let (report, images) = try ReportFixture.full(steps: 5)
        let folder = file.appendingPathComponent("report")
        let error = #expect(throws: ReportError.self) {
            try ReportWriter.write(report, images: images, to: folder)
        }
        #expect(error.map { "\($0)" }?.contains(folder.path) == true)
    }

    @Test(arguments: ["../a.png", "a/b.png", "a.svg", "", ".png", "a b.png", "a\".png"])
    func picturesHavePlainNames(name: String) throws {
        var images = ReportImages()
        let picture = try ReportFixture.picture()
        #expect(throws: ReportError.fileName(name)) { try images.add(picture, as: name) }
    }

    @Test func onlyPNGIsTaken() {
        var images = ReportImages()
        #expect(throws: ReportError.self) { try images.add(png: Array("GIF89a".utf8), as: "a.png") }
    }
}
