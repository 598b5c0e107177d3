import Testing

@testable import Reports

@Suite struct LossReportTests {
    @Test func finalMeansAreThoseTheRunIsLongEnoughFor() {
        #expect(LossReport(losses: []).finalMeans.isEmpty)
        #expect(LossReport(losses: Array(repeating: 1, count: 499)).finalMeans.map(\.window) == [100, 50])
        let report = LossReport(losses: (1...1_000).map(Double.init))
        #expect(report.finalMeans.map(\.window) == [1000, 500, 100, 50])
        for (mean, expected) in zip(report.finalMeans.map(\.mean), [500.5, 750.5, 950.5, 975.5]) {
            #expect(abs(mean - expected) < 1e-9)
        }
        #expect(report.last == 1_000)
        #expect(report.steps == 1_000)
    }

    @Test func aLossThatIsNotFiniteSpoilsItsMeans() throws {
        var losses = [Double](repeating: 2, count: 200)
        losses[120] = .nan
        let report = LossReport(losses: losses)
        #expect(try #require(report.finalMean(over: 100)).isNaN)
        #expect(report.finalMean(over: 50) == 2)
        #expect(report.series.losses.contains(nil))
    }

    @Test func seriesAreThinnedButKeepTheirEnds() {
        let report = LossReport(losses: (0..<20_000).map { Double($0 % 97) })
        #expect(report.series.steps.count <= 1_010)
        #expect(report.smoothed.steps.count <= 501)
        for series in [report.series, report.smoothed] { #expect(series.steps.last == 20_000) }
        #expect(report.series.steps.first == 1)
        let short = LossReport(losses: [5, 4, 3])
        #expect(short.series == LossSeries(steps: [1, 2, 3], losses: [5, 4, 3]))
    }
}

@Suite struct ComparabilityTests {
    private func comparability(
        _ name: String = "unet", steps: Int = 5_000, parameters: Int = 1_233_325,
        change: (inout ReportConfiguration) -> Void = { _ in }
    ) -> Comparability {
        var configuration = ReportFixture.configuration()
        change(&configuration)
        return Comparability(
            of: configuration, stepsRun: steps, parameterCount: parameters, with: PublishedFigures(network: name))
    }

    @Test func thePublishedSettingIsComparable() {
        #expect(comparability().isComparable)
        #expect(comparability().reasons.isEmpty)
    }

    @Test func eachDifferenceIsNamed() {
        let cases = [
            (comparability(steps: 300), "steps 300, published 5,000"),
            (comparability { $0.batchSize = 64 }, "batch size 64, published 250"),
            (comparability { $0.learningRate = 1e-4 }, "learning rate 0.0001, published 0.001"),
            (comparability { $0.nullLabelProbability = 0 }, "null-label probability 0.0, published 0.1"),
            (comparability { $0.dataSet = "Fashion-MNIST" }, "data set Fashion-MNIST, published MNIST"),
            (comparability(parameters: 5), "parameters 5, published 1,233,325"),
        ]
        for (comparability, reason) in cases {
            #expect(!comparability.isComparable)
            #expect(comparability.reasons == [reason])
        }
        #expect(comparability("MLP").reasons == ["no figures are published for this network"])
    }
}

@Suite struct OutcomeTests {
    @Test func theBestAndTheFastestAreNamed() throws {
        let outcome = ReportOutcome(try ReportFixture.full().report)
        #expect(outcome.window == 500)
        #expect(outcome.sentences.count == 3)
        #expect(outcome.sentences[0].contains("After 5,000 steps DiT has the lowest loss, 124.00"))
        #expect(outcome.sentences[0].contains("ahead of UNet at 131.00 and Mamba at 154.00"))
        #expect(outcome.sentences[2].contains("DiT 0.0"))
    }

    @Test func aShortRunSaysThatItIsNotComparable() throws {
        let outcome = ReportOutcome(try ReportFixture.full(steps: 120).report)
        #expect(outcome.window == 100)
        #expect(outcome.sentences.last?.contains("not comparable") == true)
        #expect(ReportOutcome(try ReportFixture.full(steps: 3).report).window == nil)
    }

    @Test func aLostRunAndAnEmptyOneAreSaid() throws {
        var report = try ReportFixture.full(steps: 100).report
        let lost = ModelReport(
            name: "UNet", configuration: report.configuration, parameterCount: 1,
            training: TrainingMeasurement(steps: 100, batchSize: 250, seconds: 1, compileSeconds: 1), sampling: nil,
            loss: LossReport(losses: Array(repeating: .nan, count: 100)), samples: [])
        report.models[0] = lost
        #expect(ReportOutcome(report).sentences[0].contains("The loss of UNet did not stay finite."))
        report.models = [lost]
        #expect(ReportOutcome(report).sentences[0] == "The loss of UNet did not stay finite.")
        report.models = []
        #expect(ReportOutcome(report).sentences == ["No model was run."])
    }
}

@Suite struct FigureTextTests {
    @Test func figuresKeepTheirDigits() {
        #expect(FigureText.loss(131.154) == "131.15")
        #expect(FigureText.loss(0.012345) == "0.0123")
        #expect(FigureText.loss(.nan) == "not finite")
        #expect(FigureText.duration(0.4216) == "0.422 s")
        #expect(FigureText.duration(307.4) == "5 min 07 s")
        #expect(FigureText.duration(7_410) == "2 h 04 min")
        #expect(FigureText.duration(.infinity) == FigureText.missing)
        #expect(FigureText.memory(2_340_000_000) == "2.34 GB")
        #expect(FigureText.difference(130, from: 131.15) == "−0.9\u{A0}%")
        #expect(FigureText.difference(150, from: 100) == "+50\u{A0}%")
        #expect(FigureText.difference(100.01, from: 100) == "0.0\u{A0}%")
        #expect(FigureText.weight(3) == "3" && FigureText.weight(1.5) == "1.50")
        #expect(FigureText.list(["a", "b", "c"]) == "a, b and c")
    }
}
