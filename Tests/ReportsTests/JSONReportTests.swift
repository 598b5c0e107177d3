import Foundation
import Testing

@testable import Reports

@Suite struct JSONReportTests {
    private func validator() throws -> SchemaValidator {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try SchemaValidator(
            schema: Data(contentsOf: root.appendingPathComponent("Documentation/report.schema.json")))
    }

    @Test(arguments: [0, 1, 49, 50, 300, 5_000]) func everyReportFitsTheSchema(steps: Int) throws {
        let report = try ReportFixture.full(steps: steps).report
        let json = Data(try JSONReport.encode(report))
        #expect(try validator().problems(in: json).isEmpty)
    }

    @Test func theValidatorSeesWhatIsWrong() throws {
        let text = String(decoding: try JSONReport.encode(ReportFixture.full(steps: 60).report), as: UTF8.self)
        let validator = try validator()
        for (part, wrong) in [
            ("\"seed\":7", "\"seed\":-7"), ("\"seed\":7", "\"seed\":\"7\""), ("\"seed\":7", "\"seed\":7.5"),
            ("\"seed\":7", "\"sed\":7"), ("\"plugin\":\"plugin.so\"", "\"plugin\":\"/a/b\""),
            ("\"is_comparable\":false", "\"is_comparable\":0"), ("\"window\":50", "\"window\":51"),
        ] {
            #expect(text.contains(part))
            let changed = text.replacingOccurrences(of: part, with: wrong)
            #expect(try !validator.problems(in: Data(changed.utf8)).isEmpty, "\(wrong)")
        }
    }

    @Test func aReportComesBack() throws {
        let report = try ReportFixture.full().report
        let bytes = try JSONReport.encode(report)
        let back = try JSONReport.decode(bytes)
        #expect(back == report)
        #expect(try JSONReport.encode(back) == bytes)
        #expect(MarkdownReport.render(back) == MarkdownReport.render(report))
    }

    @Test func whatIsNotFiniteIsNull() throws {
        var report = try ReportFixture.full(steps: 60).report
        report.models = [
            ModelReport(
                name: "DiT", configuration: ReportFixture.configuration(), parameterCount: 1,
                training: TrainingMeasurement(steps: 60, batchSize: 250, seconds: 0, compileSeconds: .nan),
                sampling: nil, loss: LossReport(losses: [1, .nan, .infinity, -.infinity]),
                heldOut: HeldOutReport(weights: LossSeries(steps: [1], losses: [.nan])), samples: [])
        ]
        report.configuration.learningRate = .infinity
        let bytes = try JSONReport.encode(report)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("\"compile_seconds\":null"))
        #expect(text.contains("\"losses\":[1,null,null,null]"))
        #expect(text.contains("\"learning_rate\":null"))
        #expect(text.contains("\"last\":null"))
        #expect(try validator().problems(in: Data(bytes)).isEmpty)
        #expect(try JSONReport.decode(bytes) == report)
    }

    @Test func keysAreSortedAndTheDateIsISO() throws {
        let text = String(decoding: try JSONReport.encode(ReportFixture.full(steps: 1).report), as: UTF8.self)
        #expect(text.hasPrefix("{\"command\":"))
        #expect(text.contains("\"date\":\"2025-06-15T15:06:40Z\""))
        #expect(text.contains("\"plugin\":\"plugin.so\""))
    }

    @Test func otherTextsAreRefused() throws {
        for text in ["", "[]", "{}", "{\"title\":1}"] {
            #expect(throws: ReportError.self) { try JSONReport.decode(Array(text.utf8)) }
        }
        let text = String(decoding: try JSONReport.encode(ReportFixture.full(steps: 1).report), as: UTF8.self)
        let later = text.replacingOccurrences(of: "\"format_version\":1", with: "\"format_version\":2")
        #expect(throws: ReportError.formatVersion(found: 2)) { try JSONReport.decode(Array(later.utf8)) }
    }
}
