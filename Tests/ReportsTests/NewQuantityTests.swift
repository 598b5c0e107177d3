import Charts
import Foundation
import Measurements
import Testing

@testable import Reports

/// Reports know no quantity: one that nobody has heard of is shown like any other.
@Suite struct NewQuantityTests {
    private static let taste = Quantity(
        "taste", name: "taste", detail: "of the crust", unit: "stars", direction: .higherIsBetter, form: .decimal,
        praise: "tasted best", bars: Quantity.Bars(title: "How they taste", section: "Kitchen"))

    private static func study() throws -> (study: Study, images: ReportImages) {
        var (study, images) = try StudyFixture.full(steps: 60)
        for (index, stars) in [3.25, 4.75].enumerated() {
            study.subjects[index].readings.append(Reading(taste, stars, uncertainty: 0.25, basis: "12 tasters"))
        }
        return (study, images)
    }

    @Test func itHasARowOfTheTable() throws {
        let row = try #require(ResultsTable(Self.study().study).rows.first { $0.name == "Taste" })
        #expect(row.detail == "of the crust, stars")
        #expect(row.cells.map(\.value) == ["3.25 ± 0.25", "4.75 ± 0.25", FigureText.missing])
    }

    @Test func itIsInTheJSON() throws {
        let bytes = try JSONReport.encode(Self.study().study)
        #expect(try SchemaValidator.ofReports().problems(in: Data(bytes)) == [])
        let json = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        let subjects = try #require(json["subjects"] as? [[String: Any]])
        let reading = try #require((subjects[1]["readings"] as? [[String: Any]])?.last)
        let quantity = try #require(reading["quantity"] as? [String: Any])
        #expect(reading["value"] as? Double == 4.75 && reading["basis"] as? String == "12 tasters")
        #expect(quantity["unit"] as? String == "stars" && quantity["direction"] as? String == "higher_is_better")
    }

    @Test func itHasAChartOnThePages() throws {
        let (study, images) = try Self.study()
        let section = try #require(study.reportSections.last)
        #expect(section.title == "Kitchen" && section.charts.map(\.fileName) == ["taste"])
        let page = try HTMLReport.render(study, images: images)
        for text in [
            "<h2>Kitchen</h2>", "How they taste", "<small>of the crust, stars</small>", "4.75 ± 0.25",
            "DiT tasted best, at 4.75 ± 0.25 stars", "Taste: 12 tasters.",
        ] {
            #expect(page.contains(text), "\(text)")
        }
        let text = MarkdownReport.render(study)
        #expect(text.contains("## Kitchen\n\n![How they taste](taste.svg)"))
        #expect(text.contains("| Taste, of the crust, stars | 3.25 ± 0.25 | 4.75 ± 0.25 | – |"))
    }

    @Test func itCanRankTheSubjects() throws {
        var (study, images) = try Self.study()
        study.rankedBy = "taste"
        let sentences = ReportOutcome(study).sentences
        #expect(
            sentences[0] == "DiT has the highest taste, 4.75 ± 0.25 (of the crust; 12 tasters), "
                + "ahead of UNet at 3.25 ± 0.25.")
        let page = try HTMLReport.render(study, images: images)
        #expect(page.contains("<span class=\"figure\">4.75 ± 0.25</span>\n<span class=\"muted\">taste, of the crust"))
        study.rankedBy = "unheard of"
        #expect(try !HTMLReport.render(study, images: images).contains("<ul class=\"cards\">"))
    }

    @Test func aPlotOfItIsDrawnWithItsAxes() throws {
        var (study, _) = try Self.study()
        let plot = Plot(
            "baking", title: "Baking", section: "Oven",
            xAxis: Plot.Axis(label: "heat", unit: "degrees", isLogarithmic: true),
            yAxis: Plot.Axis(label: "colour"))
        let points = [1.0, 10, 100].map { CurvePoint(x: $0, y: $0) }
        study.subjects[2].curves.append(Curve(plot, line: Curve.Line(meaning: "what the baker saw", points: points)))
        let chart = try #require(study.reportSections.first { $0.title == "Oven" }?.charts.first)
        #expect(chart.caption == "What the baker saw. The heat axis is logarithmic.")
        let svg = chart.chart.svg()
        #expect(svg.contains("heat (degrees)") && svg.contains(">colour<") && svg.contains(">Mamba<"))
        #expect(!svg.contains(">UNet<"))
    }
}
