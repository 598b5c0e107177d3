import Foundation
import Measurements
import Quality
import Settings
import TestSupport
import Testing

@testable import Experiments
@testable import Training

@Suite("What is said of several runs")
struct ComparisonStudyTests {
    /// A run that was measured, its losses falling from 200 by the step.
    private func run(_ name: String, losses: [Double], heldOutEvery: Int = 0, evaluations: [Evaluation] = [])
        -> MeasuredRun
    {
        let records = losses.enumerated().map { index, loss in
            let isLooked = heldOutEvery > 0 && (index + 1).isMultiple(of: heldOutEvery)
            return StepRecord(
                step: index + 1, loss: loss, gradientNorm: 1, learningRate: 1e-3, seconds: 2, imagesPerSecond: 1,
                validationLoss: isLooked ? loss : nil)
        }
        return MeasuredRun(
            name: name, network: "DiT", configuration: RunConfiguration(), settings: [], parameterCount: 1,
            records: records, evaluations: evaluations, pictures: [])
    }

    private func member(_ index: Int, _ choices: [ComparedRun.Choice]) -> ComparedRun {
        ComparedRun(
            name: "\(index)", title: choices.map(\.title).joined(separator: ", "), configuration: RunConfiguration(),
            folder: RunFolder(URL(fileURLWithPath: "/nowhere/\(index)")), choices: choices)
    }

    // MARK: Seeds

    @Test("Runs that differ by the seed alone are one, with Student's interval; what is the same stays exact")
    func groups() throws {
        let quantity = Quantity("q", name: "q", form: .decimal)
        let count = Quantity("c", name: "c", form: .count)
        let members = [("A", 0), ("A", 1), ("A", 2), ("B", 0)].enumerated().map { index, item in
            member(
                index, [.init(key: "model", title: item.0), .init(key: "training.seed", title: "seed \(item.1)")])
        }
        var subjects = [1.0, 2, 6, 9].map {
            Subject(name: "\($0)", readings: [Reading(quantity, $0), Reading(count, 5)])
        }
        let groups = SeedGroups.of(members, subjects)
        #expect(groups.map(\.members) == [[0, 1, 2], [3]] && groups.map(\.summary.name) == ["A", "B"])
        let mean = try #require(groups[0].summary.reading(of: quantity))
        #expect(mean.value == 3 && mean.basis == "mean of 3 seeds")
        // scipy.stats.t.interval(0.95, 2, 3, scipy.stats.sem([1, 2, 6]))
        #expect(abs(try #require(mean.uncertainty) - 6.572376) < 1e-3)
        let exact = try #require(groups[0].summary.reading(of: count))
        #expect(exact.value == 5 && exact.uncertainty == nil)
        subjects[2].failure = "failed"
        #expect(SeedGroups.of(members, subjects)[0].summary.reading(of: quantity)?.value == 1.5)
        subjects[1].readings.removeFirst()
        #expect(SeedGroups.of(members, subjects)[0].summary.reading(of: quantity)?.basis == "1 of 2 seeds")
        #expect(SeedGroups.of([members[0], members[3]], [subjects[0], subjects[3]]).isEmpty)
    }

    // MARK: Time to a level

    @Test("The level is what the least good run reached; times are those of the steps until then")
    func time() throws {
        let falling = (1...10).map { 200.0 - 10 * Double($0) }
        let runs = [
            run("fast", losses: falling.map { $0 - 20.4 }, heldOutEvery: 1),
            run("slow", losses: falling, heldOutEvery: 1),
        ]
        let readings = TimeToLevel.readings(of: runs)
        // The slow one's best is 100; the fast one is below it after 8 steps of 2 s.
        #expect(readings.map { $0.map(\.value) } == [[16], [20]])
        #expect(readings[0][0].quantity == readings[1][0].quantity && readings[0][0].quantity.detail == "at most 100")
        #expect(TimeToLevel.readings(of: [runs[0]]) == [[]])
    }

    @Test("Without held-out losses the mean of 50 training losses counts")
    func timeByLoss() {
        let runs = [run("a", losses: Array(repeating: 7, count: 60)), run("b", losses: Array(repeating: 9, count: 80))]
        #expect(TimeToLevel.readings(of: runs).map { $0.map(\.value) } == [[100], [100]])
    }

    @Test("Levels have three digits and are not below", arguments: [0.0012341, 131.0001, 99.95, 1e9, 1.23])
    func levels(value: Double) {
        let level = TimeToLevel.roundedUp(value)
        #expect(level >= value * (1 - 1e-12) && level <= value * 1.01)
    }

    // MARK: Quality

    private func evaluation(
        _ distance: Double, solver: String = "euler", steps: Int = 8, guidance: Double = 1, features: String = "abc"
    ) -> Evaluation {
        let basis = Figure.Basis(
            images: 256, reference: "MNIST (test)", referenceImages: 10_000, features: "MNIST",
            featuresChecksum: features,
            dataChecksum: "data", resize: "bilinear", constants: nil)
        func figure(_ value: Double) -> Figure { Figure(Estimate(value, halfWidth: 0.5), by: "bootstrap", basis) }
        func quality(_ value: Double) -> ImageQuality {
            ImageQuality(
                frechet: figure(value), frechetTrain: figure(value), kernel: figure(value), kernelTrain: figure(value),
                precision: figure(0.5), recall: figure(0.5), density: figure(0.5), coverage: figure(0.5), accuracy: nil,
                accuracyByClass: nil, classEntropy: figure(1), classEntropyScore: figure(1), nearest: nil)
        }
        return Evaluation(
            settings: [
                "checkpoint": "2", "images": "256", "solver": solver, "sampling.steps": "\(steps)",
                "guidance.scale": "\(guidance)",
            ], quality: quality(distance), floor: Evaluation.Floor(real: quality(2), halvesOfTest: figure(1)),
            bitsPerDimension: nil, evaluationsPerImage: steps * (solver == "heun" ? 2 : 1), pictures: [])
    }

    @Test("Figures stand beside their floor; those of other features are marked as not made alike")
    func quality() throws {
        let runs = [
            run("a", losses: [1, 1], evaluations: [evaluation(10)]),
            run("b", losses: [1, 1], evaluations: [evaluation(12)]),
            run("c", losses: [1, 1]),
        ]
        let quality = try #require(QualityOfRuns(runs))
        let distance = try #require(quality.distance)
        let reading = try #require(quality.readings(of: runs[0]).first { $0.quantity == distance })
        #expect(reading.value == 10 && reading.floor == 2)
        #expect(abs(try #require(reading.uncertainty) - 0.5) < 1e-12)
        #expect(reading.basis.contains("checksum abc") && reading.basis.contains("the last checkpoint"))
        #expect(quality.readings(of: runs[2]).isEmpty && quality.introduction.contains("256 images, euler, 8 steps"))
        #expect(quality.readings(of: runs[0])[0].basis == quality.readings(of: runs[1])[0].basis)
        let other = run("b", losses: [1, 1], evaluations: [evaluation(12, features: "xyz")])
        let apart = try #require(QualityOfRuns([runs[0], other]))
        #expect(apart.readings(of: runs[0])[0].quantity == apart.readings(of: other)[0].quantity)
        #expect(apart.readings(of: runs[0])[0].basis != apart.readings(of: other)[0].basis)
        #expect(QualityOfRuns([runs[2]]) == nil)
    }

    @Test("Images that were drawn otherwise have rows of their own, and make the charts")
    func otherDrawings() throws {
        let evaluations = [
            evaluation(10), evaluation(20, steps: 4), evaluation(9, solver: "heun", steps: 4),
            evaluation(30, guidance: 3), evaluation(1, steps: 16, features: "xyz"),
        ]
        let one = run("a", losses: [1, 1], evaluations: evaluations)
        let quality = try #require(QualityOfRuns([one]))
        let distances = quality.readings(of: one).filter {
            $0.quantity.id.hasPrefix("frechet") && $0.quantity.detail.contains("test")
        }
        #expect(distances.count == 5 && Set(distances.map(\.quantity)).count == 5)
        let curves = quality.curves(of: one)
        let costs = curves.filter { $0.plot.id == "frechet-evaluations" }
        #expect(costs.map(\.name) == ["euler", "heun"])
        // The distance by other features is in no chart with these.
        #expect(costs[0].line.points == [CurvePoint(x: 4, y: 20), CurvePoint(x: 8, y: 10)])
        #expect(costs[1].line.points == [CurvePoint(x: 8, y: 9)] && costs[0].companion?.points.map(\.y) == [2, 2])
        let together = SeedGroups.of(
            [0, 1].map { member($0, [.init(key: "training.seed", title: "seed \($0)")]) },
            [0, 1].map { Subject(name: "\($0)", readings: [], curves: costs) })
        #expect(together[0].summary.curves[0].companion == costs[0].companion)
        let scales = curves.filter { $0.plot.id == "frechet-guidance" }
        #expect(scales.map(\.line.points) == [[CurvePoint(x: 1, y: 10), CurvePoint(x: 3, y: 30)]])
    }

    // MARK: Failures

    @Test(
        "A failure's sentence names no place outside the comparison's folder",
        arguments: [
            ("/home/me/runs/all/unet is no folder", "unet is no folder"),
            ("'/home/my data/set.npz' is damaged; see /etc/x/y.conf.", "'.../set.npz' is damaged; see .../y.conf."),
            ("3 images/s at a/b and ../c/d; https://a.b/c", "3 images/s at a/b and ../c/d; https://a.b/c"),
            ("cannot write '/home/me/runs/all/a/config.json'", "cannot write 'a/config.json'"),
        ])
    func failures(text: String, told: String) {
        let folder = URL(fileURLWithPath: "/home/me/runs/all", isDirectory: true)
        #expect(PathText.withoutPlaces(text, in: folder) == told)
    }
}
