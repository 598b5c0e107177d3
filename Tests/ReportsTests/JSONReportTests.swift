import Foundation
import Measurements
import Testing

@testable import Reports

@Suite struct JSONReportTests {
    @Test(arguments: [0, 1, 49, 300, 5_000]) func everyReportFitsTheSchema(steps: Int) throws {
        let (study, _) = try StudyFixture.full(steps: steps)
        #expect(try SchemaValidator.ofReports().problems(in: Data(JSONReport.encode(study))) == [])
    }

    @Test func theLeastStudyFitsTheSchema() throws {
        let study = Study(title: "", command: "", date: Date(), environment: [], configuration: [], subjects: [])
        #expect(try SchemaValidator.ofReports().problems(in: Data(JSONReport.encode(study))) == [])
    }

    @Test func theValidatorSeesWhatIsWrong() throws {
        let text = String(decoding: try JSONReport.encode(StudyFixture.full(steps: 60).study), as: UTF8.self)
        let validator = try SchemaValidator.ofReports()
        for (part, wrong) in [
            ("\"digits\":5", "\"digits\":\"5\""), ("\"digits\":5", "\"digits\":5.5"), ("\"digits\":5", "\"digit\":5"),
            ("\"has_close_up\":true", "\"has_close_up\":1"), ("\"uncertainty\":0.52", "\"uncertainty\":-1"),
            ("\"direction\":\"neutral\"", "\"direction\":\"up\""),
            ("\"file\":\"picture-0-0.png\"", "\"file\":\"/a.png\""),
            ("\"format_version\":3", "\"format_version\":4"),
        ] {
            #expect(text.contains(part))
            let changed = text.replacingOccurrences(of: part, with: wrong)
            #expect(try !validator.problems(in: Data(changed.utf8)).isEmpty, "\(wrong)")
        }
    }

    @Test func aReportComesBack() throws {
        let (study, _) = try StudyFixture.full()
        let bytes = try JSONReport.encode(study)
        let back = try JSONReport.decode(bytes)
        #expect(back == study)
        #expect(try JSONReport.encode(back) == bytes)
        #expect(MarkdownReport.render(back) == MarkdownReport.render(study))
    }

    @Test func whatIsNotFiniteIsNull() throws {
        var (study, _) = try StudyFixture.full(steps: 60)
        study.subjects = [
            Subject(
                name: "a",
                readings: [Reading(StudyFixture.speed, .infinity, uncertainty: .nan, reference: .infinity)],
                curves: [Course([1, .nan, .infinity, -.infinity]).curve(StudyFixture.course)])
        ]
        let bytes = try JSONReport.encode(study)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(
            text.contains("\"value\":null") && !text.contains("\"uncertainty\"") && !text.contains("\"reference\":null")
        )
        #expect(text.contains("\"y\":[1,null,null,null]"))
        #expect(try SchemaValidator.ofReports().problems(in: Data(bytes)) == [])
        #expect(try JSONReport.decode(bytes) == study)
    }

    @Test func keysAreSortedAndTheDateIsISO() throws {
        let text = String(decoding: try JSONReport.encode(StudyFixture.full(steps: 1).study), as: UTF8.self)
        #expect(text.hasPrefix("{\"command\":"))
        #expect(text.contains("\"date\":\"2025-06-15T15:06:40Z\""))
    }

    @Test func otherTextsAreRefused() throws {
        for text in ["", "[]", "{}", "{\"title\":1}", "{\"format_version\":3}"] {
            #expect {
                try JSONReport.decode(Array(text.utf8))
            } throws: { error in
                if case .unreadableReport = error as? ReportError { true } else { false }
            }
        }
        // A report of the first form: what is in it does not matter.
        #expect(throws: ReportError.formatVersion(found: 1)) {
            try JSONReport.decode(Array("{\"format_version\":1,\"models\":[]}".utf8))
        }
        let text = String(decoding: try JSONReport.encode(StudyFixture.full(steps: 1).study), as: UTF8.self)
        let uneven = text.replacingOccurrences(of: "\"x\":[100,200,300]", with: "\"x\":[100,200]")
        #expect(uneven != text)
        #expect(throws: ReportError.self) { try JSONReport.decode(Array(uneven.utf8)) }
    }
}
