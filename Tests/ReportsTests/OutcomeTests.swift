import Foundation
import Measurements
import Testing

@testable import Reports

@Suite struct OutcomeTests {
    /// A study of one quantity.
    private func study(
        _ quantity: Quantity, _ values: [Double], references: [Double?] = [], caveats: [[String]] = [],
        bases: [String] = []
    ) -> Study {
        let subjects = values.enumerated().map { index, value in
            Subject(
                name: ["a", "b", "c"][index],
                readings: [
                    Reading(
                        quantity, value, reference: references.isEmpty ? nil : references[index],
                        basis: bases.isEmpty ? "" : bases[index])
                ], caveats: caveats.isEmpty ? [] : caveats[index])
        }
        return Study(
            title: "", command: "", date: Date(), environment: [], configuration: [], subjects: subjects,
            rankedBy: quantity.id, reference: Reference(name: "published", note: ""))
    }

    private func sentences(_ study: Study) -> [String] { ReportOutcome(study).sentences }

    private func score(_ direction: Direction) -> Quantity {
        Quantity("score", name: "score", direction: direction, form: .decimal)
    }

    @Test func theRankingFollowsTheDirection() {
        let values = [2.0, 1, 3]
        #expect(
            sentences(study(score(.lowerIsBetter), values))
                == ["b has the lowest score, 1.00, ahead of a at 2.00 and c at 3.00."])
        #expect(
            sentences(study(score(.higherIsBetter), values))
                == ["c has the highest score, 3.00, ahead of a at 2.00 and b at 1.00."])
        #expect(sentences(study(score(.neutral), values)) == ["The score: a at 2.00, b at 1.00 and c at 3.00."])
        #expect(sentences(study(score(.lowerIsBetter), [5])) == ["The score: a at 5.00."])
    }

    @Test func whoIsLevelSharesTheFirstPlace() {
        #expect(
            sentences(study(score(.higherIsBetter), [3, 1, 3]))
                == ["a and c share the highest score, 3.00, ahead of b at 1.00."])
        #expect(sentences(study(score(.lowerIsBetter), [3, 3])) == ["a and b share the lowest score, 3.00."])
    }

    @Test func praiseFollowsTheDirectionToo() throws {
        let (study, _) = try StudyFixture.full()
        #expect(
            sentences(study)[1]
                == "Mamba trained fastest, at 4,100 images per second; it also sampled fastest, "
                + "at 113 steps per second.")
        var slow = score(.lowerIsBetter)
        slow.praise = "waited least"
        #expect(sentences(self.study(slow, [4, 2, 3])).last == "b waited least, at 2.00.")
        #expect(sentences(self.study(slow, [2, 2])).count == 1)
    }

    @Test func theSummaryOfAFullStudy() throws {
        let sentences = sentences(try StudyFixture.full().study)
        #expect(sentences.count == 3)
        #expect(
            sentences[0] == "DiT has the lowest mean error, 124.00 ± 0.52 (last 500 steps; 5000 steps), "
                + "ahead of UNet at 131.00 ± 0.52 and Mamba at 154.00 ± 0.52.")
        #expect(sentences[2].hasPrefix("Against the published mean error: UNet −0.1\u{A0}%, DiT 0.0\u{A0}%"))
    }

    @Test func whatIsNotFiniteIsSaidAndNotRanked() throws {
        let lost = sentences(study(score(.lowerIsBetter), [.nan, 2, -.infinity]))
        #expect(lost == ["The score: b at 2.00.", "The score of a and c is not finite."])
        #expect(sentences(study(score(.lowerIsBetter), [.nan])) == ["The score of a is not finite."])
        var empty = try StudyFixture.full().study
        empty.subjects = []
        #expect(sentences(empty) == ["Nothing was measured."])
    }

    @Test func whatIsNotComparableIsSaid() {
        let none = study(score(.lowerIsBetter), [1, 2], references: [1, 1], caveats: [["x"], ["x"]])
        #expect(
            sentences(none).last
                == "The figures are not comparable with the published ones, which were made in another setting.")
        #expect(none.caveatNotes == ["a and b: x."])
        let one = study(score(.lowerIsBetter), [1, 2], references: [1, 1], caveats: [["x", "y"], []])
        #expect(
            sentences(one).last == "Against the published score: b +100\u{A0}%. The figures of a are not comparable "
                + "with the published ones, which were made in another setting.")
        #expect(one.caveatNotes == ["a: x; y."])
        let apart = study(score(.lowerIsBetter), [1], references: [nil], caveats: [["no figures"]])
        #expect(sentences(apart) == ["The score: a at 1.00."])
    }

    @Test func figuresThatWereNotMadeAlikeAreMarked() throws {
        let study = study(score(.lowerIsBetter), [1, 2, 3], bases: ["9 images", "", "9 images"])
        // None is said to be ahead.
        #expect(sentences(study)[0].hasPrefix("The score: a at "))
        #expect(sentences(study)[1] == "Their score was not made alike: see below the results.")
        let note = "Score: not made alike: a and c with 9 images; b with nothing said."
        #expect(study.basisNotes(of: "") == [note])
        #expect(ResultsTable(study).rows[0].detail == "not made alike")
        #expect(try HTMLReport.render(study, images: ReportImages()).contains(note))
        #expect(MarkdownReport.render(study).contains(note))
        let alike = self.study(score(.neutral), [1, 2], bases: ["x", "x"])
        #expect(alike.basisNotes(of: "") == ["Score: x."] && ResultsTable(alike).rows[0].detail.isEmpty)
    }
}

@Suite struct FigureTextTests {
    @Test func smallWords() {
        #expect(FigureText.difference(130, from: 131.15) == "−0.9\u{A0}%")
        #expect(FigureText.difference(150, from: 100) == "+50\u{A0}%")
        #expect(FigureText.difference(100.01, from: 100) == "0.0\u{A0}%")
        #expect(FigureText.difference(1, from: 0) == FigureText.missing)
        #expect(WordList.text(["a", "b", "c"]) == "a, b and c")
        #expect(FigureText.capitalized("mean loss") == "Mean loss" && FigureText.capitalized("") == "")
    }

    @Test func fileNamesArePlainAndDiffer() {
        var files = FileNames()
        #expect(files.name(for: "loss") == "loss")
        #expect(files.name(for: "Loss") == "Loss-2")
        #expect(files.name(for: "../a b/ü") == "---a-b--")
        #expect(files.name(for: "") == "chart")
        #expect(files.name(for: String(repeating: "x", count: 5_000)).count == 100)
    }
}
