import Foundation
import Measurements
import Testing

@Suite struct StudyTests {
    private func quantity(_ id: String, unit: String = "") -> Quantity {
        Quantity(id, name: id, unit: unit, form: .rate)
    }

    private func study(_ subjects: [[Quantity]], rankedBy: String? = nil) -> Study {
        Study(
            title: "", command: "", date: Date(timeIntervalSince1970: 7.9), environment: [], configuration: [],
            subjects: subjects.map { Subject(name: "", readings: $0.map { Reading($0, 1) }) }, rankedBy: rankedBy)
    }

    @Test func quantitiesKeepTheOrderOfTheSubjects() {
        let (a, b, c, d) = (quantity("a"), quantity("b"), quantity("c"), quantity("d"))
        #expect(study([[a, c], [a, b, c, d]]).quantities == [a, b, c, d])
        #expect(study([[c], [a, b, c], [c, d]]).quantities == [a, b, c, d])
        #expect(study([[], [a, a]]).quantities == [a])
        #expect(study([]).quantities.isEmpty)
    }

    @Test func aQuantityIsAllThatIsSaidOfIt() {
        let (seconds, hours) = (quantity("time", unit: "seconds"), quantity("time", unit: "hours"))
        let study = study([[seconds], [hours]], rankedBy: "time")
        #expect(study.quantities == [seconds, hours])
        #expect(study.subjects[1].reading(of: seconds) == nil)
        #expect(study.ranking == seconds)
        #expect(self.study([[seconds]], rankedBy: "space").ranking == nil)
    }

    @Test func theDateIsWholeSeconds() {
        #expect(study([]).date == Date(timeIntervalSince1970: 7))
    }

    @Test func whatIsNotFiniteEqualsItselfAndComesBack() throws {
        let curve = Curve(
            Plot("p", title: "", section: "", xAxis: Plot.Axis(label: ""), yAxis: Plot.Axis(label: "")),
            line: Curve.Line(points: [CurvePoint(x: 1, y: .nan), CurvePoint(x: 2, y: 0.1)]))
        let subject = Subject(
            name: "a", readings: [Reading(quantity("q"), .nan, uncertainty: .infinity, reference: .nan)],
            curves: [curve])
        #expect(subject.readings[0].uncertainty == nil && subject.readings[0].reference == nil)
        let data = try JSONEncoder().encode(subject)
        #expect(try JSONDecoder().decode(Subject.self, from: data) == subject)
        #expect(CurvePoint(x: 1, y: .nan) != CurvePoint(x: 1, y: 2))
    }
}
