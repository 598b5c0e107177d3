import Datasets
import Foundation
import Measurements
import Models
import Reports
import Settings
import Testing

@testable import Experiments
@testable import Training

@Suite struct ComparisonMeasurementsTests {
    private func run(
        _ model: String = "unet", steps: Int, loss: Double = 131, validateEvery: Int = 0,
        compileSeconds: Double? = 6.25
    ) throws -> MeasuredRun {
        let records = (0..<steps).map { index in
            let isValidated = validateEvery > 0 && (index + 1).isMultiple(of: validateEvery)
            return StepRecord(
                step: index + 1, loss: loss, gradientNorm: 1, learningRate: 1e-3, seconds: 0.0625,
                imagesPerSecond: 4_000, validationLoss: isValidated ? loss + 9 : nil,
                validationLossAveraged: isValidated ? loss + 4 : nil)
        }
        var configuration = RunConfiguration()
        configuration.model = try #require(Networks.registry[model])
        return MeasuredRun(
            name: configuration.model.kindTitle, network: configuration.model.kindTitle, configuration: configuration,
            data: DatasetIdentity(
                name: "MNIST", checksum: MNIST.trainingChecksum, count: 60_000, channels: 1, side: 32,
                resize: "bilinear", split: "train"),
            settings: [], parameterCount: 1_233_325, records: records, compileSeconds: compileSeconds,
            sampling: SamplingTime(images: 110, guidedSteps: 99, guidedSeconds: 1.5, totalSeconds: 2), pictures: [])
    }

    @Test("A whole run is read off, each figure beside the published one")
    func wholeRun() throws {
        let subject = try run(steps: 5_000).subject
        func reading(_ quantity: Quantity) throws -> Reading { try #require(subject.reading(of: quantity)) }
        #expect(try reading(.parameters).text == "1,233,325" && reading(.parameters).reference == 1_233_325)
        #expect(try reading(.meanLoss(500)).value == 131 && reading(.meanLoss(500)).reference == 131.15)
        #expect(try reading(.meanLoss(500)).basis == "5,000 steps of 250 images of MNIST")
        #expect(try reading(.meanLoss(1_000)).reference == nil)
        #expect(try reading(.lastLoss).reference == 128.392)
        #expect(try reading(.trainingSteps).value == 16 && reading(.trainingImages).value == 4_000)
        #expect(try reading(.trainingImages).reference == 15.15 * 250)
        #expect(try reading(.trainingTime).text == "5 min 13 s" && reading(.compilingTime).value == 6.25)
        #expect(try reading(.samplingSteps).value == 66 && reading(.samplingSteps).reference == 66.4)
        #expect(try reading(.samplingTime).value == 2)
        #expect(subject.caveats == [])
    }

    @Test("What was not done has no reading")
    func shortRun() throws {
        let subject = try run(steps: 60, compileSeconds: nil).subject
        #expect(Quantity.lossWindows.filter { subject.reading(of: .meanLoss($0)) != nil } == [50])
        #expect(subject.reading(of: .compilingTime) == nil)
        #expect(subject.caveats == ["steps 60, published 5,000"])
        let empty = try run(steps: 0).subject
        #expect(empty.reading(of: .lastLoss) == nil && empty.reading(of: .trainingImages) == nil)
        #expect(empty.curves.isEmpty)
        var other = try run(steps: 60)
        other.network = "MLP"
        other.sampling?.images = 11
        #expect(other.subject.caveats == ["no figures are published for this network"])
        #expect(other.subject.readings.allSatisfy { $0.reference == nil })
    }

    @Test("A sampling of another size is not set beside the published speed")
    func otherSampling() throws {
        var run = try run(steps: 60)
        run.sampling?.images = 11
        #expect(run.subject.reading(of: .samplingSteps)?.reference == nil)
    }

    @Test("Held-out losses are a curve, the averaged weights' before the weights' own")
    func heldOut() throws {
        var run = try run(steps: 100, validateEvery: 50)
        let curve = try #require(run.subject.curves.first { $0.plot == .heldOutLoss })
        #expect(curve.line.points == [CurvePoint(x: 50, y: 135), CurvePoint(x: 100, y: 135)])
        #expect(curve.companion?.points == [CurvePoint(x: 50, y: 140), CurvePoint(x: 100, y: 140)])
        for index in run.records.indices { run.records[index].validationLossAveraged = nil }
        let raw = try #require(run.subject.curves.first { $0.plot == .heldOutLoss })
        #expect(raw.line.points.first == CurvePoint(x: 50, y: 140) && raw.companion == nil)
        for index in run.records.indices { run.records[index].validationLoss = nil }
        #expect(run.subject.curves.map(\.plot) == [.loss])
    }

    @Test("The published window ranks, or the largest that every run has")
    func ranking() throws {
        func ranking(_ steps: Int...) throws -> Quantity { try steps.map { try run(steps: $0) }.ranking }
        #expect(try ranking(5_000, 5_000) == .meanLoss(500))
        #expect(try ranking(5_000, 120) == .meanLoss(100))
        #expect(try ranking(60) == .meanLoss(50))
        #expect(try ranking(5_000, 3) == .lastLoss)
        #expect(try ranking() == .lastLoss)
    }

    @Test("A comparison's page says what it came to, and fits the reports' form")
    func page() throws {
        let runs = [try run("unet", steps: 600, validateEvery: 100), try run("dit", steps: 600, loss: 124)]
        let study = Study(
            title: "Compared", command: "", date: Date(), environment: [], configuration: [],
            subjects: runs.map(\.subject), rankedBy: runs.ranking.id, reference: PublishedFigures.reference,
            sections: Section.ofComparison(LabelGrid(classCount: 10, perClass: 10)))
        let page = try HTMLReport.render(study, images: ReportImages())
        for text in [
            "DiT has the lowest mean loss, 124.00 (last 500 steps; 600 steps of 250 images of MNIST), "
                + "ahead of UNet at 131.00.",
            "<h2>Loss</h2>", "Training loss, the last three fifths", "Mean loss of the last 500 steps",
            "<h2>Held-out loss</h2>", "<h2>Speed</h2>", "michaelbzhu/mnist_flow_matching",
            "UNet: steps 600, published 5,000.",
        ] {
            #expect(page.contains(text), "\(text)")
        }
        let sections = try ["Loss", "Held-out loss", "Speed"].map { title in
            try #require(page.range(of: "<h2>\(title)</h2>")).lowerBound
        }
        #expect(sections == sections.sorted())
    }
}
