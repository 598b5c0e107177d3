import Basis
import Charts
import Foundation
import Measurements
import Testing

@testable import Reports

@Suite("Reports of runs that differ by their seeds")
struct SeedsReportTests {
    @Test("Means with intervals are ranked and shown, what failed is said")
    func outcome() throws {
        let (study, _) = try StudyFixture.seeds()
        let sentences = ReportOutcome(study).sentences
        #expect(sentences[0] == "DiT, seed 2 failed: no disk.")
        #expect(sentences[1].hasPrefix("UNet has the lowest mean error, 12.00 ± 4.97"))
        #expect(sentences[2] == "UNet ahead of DiT by 10.00 ± 0.50 in mean error, 2 pairs.")
        let table = ResultsTable(study.grouped)
        #expect(table.subjects == ["UNet", "DiT"] && table.rows[0].cells[0].value == "12.00 ± 4.97")
        #expect(table.hasFloor && table.rows[0].cells[0].floor == "1.50")
        let text = MarkdownReport.render(study)
        #expect(text.contains("## How sure") && text.contains("12.00 ± 4.97 (floor 1.50)"))
    }

    @Test("Each run has a row with its choices; figures are sorted as numbers")
    func runs() throws {
        let (study, _) = try StudyFixture.seeds()
        let table = try #require(RunsTable(study))
        #expect(table.columns.map(\.name) == ["Network", "Seed", "Mean error", "Parameters"])
        #expect(table.rows.map { $0.cells[2].value } == [10, 12, 14, 20, 22, nil])
        #expect(table.values(of: 1) == ["0", "1", "2"] && table.rows[5].name == "DiT, seed 2 (failed)")
        #expect(try RunsTable(StudyFixture.full().study) == nil)
        let page = try HTMLReport.render(study, images: ReportImages())
        #expect(page.contains("<td data-value=\"14.0\">14.00</td>"))
        #expect(page.contains("data-run=\"3\" data-group=\"1\" data-text=\"dit, seed 0 dit 0\""))
    }

    @Test("Runs of one group share a colour, a line and a band")
    func band() throws {
        let (study, _) = try StudyFixture.seeds()
        let chart = try #require(study.reportSections.first { $0.title == "Held-out error" }?.charts.first)
        #expect(chart.caption.contains("the mean of 3 seeds") && chart.caption.contains("Shaded: from the lowest to"))
        let svg = chart.chart.svg()
        #expect(svg.matches(of: /fill-opacity="0\.16"/).count == 2 && svg.contains("<g data-tag=\"1\">"))
    }

    @Test("What differs is told with whose it is")
    func differences() throws {
        let rows = DifferencesTable(try StudyFixture.seeds().study).rows
        #expect(rows.map(\.setting) == ["model", "model", "training.seed", "training.seed", "training.seed"])
        #expect(rows[0].subjects == "all of UNet" && rows[2].subjects == "UNet, seed 0 and DiT, seed 0")
    }

    @Test(
        "Every head cell has a scope, every table a caption, every picture a text; the page's policy lets in its script"
    )
    func accessible() throws {
        let page = try HTMLReport.render(StudyFixture.seeds().study, images: ReportImages())
        #expect(page.matches(of: /<th[ >]/).count == page.matches(of: /<th scope="(?:row|col)"/).count)
        #expect(page.matches(of: /<table/).count == page.matches(of: /<caption/).count)
        #expect(page.matches(of: /<img (?!alt="[^"])/).isEmpty)
        let script = try #require(page.firstMatch(of: /<script>((?s:.)*?)<\/script>/)).output.1
        let digest = Data(SHA256.digest(Array(script.utf8))).base64EncodedString()
        #expect(page.contains("script-src 'sha256-\(digest)'"))
    }

    @Test("It fits the schema and comes back")
    func json() throws {
        let (study, _) = try StudyFixture.seeds()
        let bytes = try JSONReport.encode(study)
        #expect(try SchemaValidator.ofReports().problems(in: Data(bytes)) == [])
        #expect(try JSONReport.decode(bytes) == study)
    }

    @Test("CSV has a row a reading, its fields quoted where they must be")
    func csv() throws {
        let lines = CSVReport.render(try StudyFixture.seeds().study).split(separator: "\r\n")
        #expect(lines[0] == "run,network,seed,quantity,name,detail,unit,value,uncertainty,floor,reference,basis")
        #expect(lines[1] == "\"UNet, seed 0\",UNet,0,final-error,mean error,last 500 steps,,10.0,,1.5,,9 steps")
        #expect(lines.count == 11)
        var (study, _) = try StudyFixture.full(steps: 1, names: ["a \"b\"\nc", "d", "e"])
        study.subjects = [study.subjects[0]]
        #expect(CSVReport.render(study).contains("\r\n\"a \"\"b\"\"\nc\",size,"))
    }
}
