import Compute
import Datasets
import Experiments
import Formats
import Foundation
import Quality
import Settings
import TestSupport
import Testing
import Training

@Suite("Figures of a run's images", .needsPlugin)
struct EvaluationTests {
    /// Images whose class is where their bright half is, of bytes that differ.
    private static func workplace() throws -> Workplace {
        let workplace = try Workplace()
        var draws = Draws(seed: 5)
        for prefix in ["train", "t10k"] {
            let count = 160
            let pixels = (0..<count).flatMap { image in
                (0..<784).map { place in
                    let isBright = (image % 2 == 0 ? place / 28 : place % 28) < 14
                    return UInt8.random(in: 0..<100, using: &draws) + (isBright ? 150 : 0)
                }
            }
            try IDXFile(shape: [count, 28, 28], values: pixels).write(
                to: workplace.url.appendingPathComponent("\(prefix)-images-idx3-ubyte"))
            try IDXFile(shape: [count], values: (0..<count).map { UInt8($0 % 2) })
                .write(to: workplace.url.appendingPathComponent("\(prefix)-labels-idx1-ubyte"))
        }
        return workplace
    }

    private static func features(_ workplace: Workplace, _ name: String) throws -> (URL, FeatureTraining.Outcome) {
        let url = workplace.url.appendingPathComponent(name)
        let data = try workplace.configuration().data
        let outcome = try FeatureTraining(data, side: 8, epochs: 20)
            .train(to: url, with: workplace.places, on: { try NativeEngine.shared.engine }, onEvent: { _ in })
        return (url, outcome)
    }

    /// Trained once for all tests, on the images that every workplace has.
    private static let learned = Result {
        let workplace = try Self.workplace()
        let (file, outcome) = try features(workplace, "features.safetensors")
        defer { withExtendedLifetime(workplace) {} }
        return (file: try Data(contentsOf: file), outcome: outcome)
    }

    private static func evaluation(
        _ workplace: Workplace, _ folder: RunFolder, _ count: Int, _ features: URL?, likelihoodImages: Int? = nil
    ) throws -> EvaluationRun {
        try EvaluationRun(
            folder, changes: assignments(["sampling.steps=2"]), images: count, resamplings: 2,
            likelihoodImages: likelihoodImages, features: features, with: workplace.places,
            on: { try NativeEngine.shared.engine }
        ).guided(by: 1)
    }

    private static func trained(_ workplace: Workplace, _ settings: String...) throws -> RunFolder {
        let configuration = try workplace.configuration("training.steps=2", "training.batch_size=4")
        let run = try TrainingRun(new: configuration.applying(assignments(settings)), in: workplace.run())
        _ = try run.train(with: workplace.places, on: { try NativeEngine.shared.engine }, onEvent: { _ in })
        return run.folder
    }

    @Test("A feature network learns its classes, the same way each time, and is found out where it does not fit")
    func features() throws {
        let workplace = try Self.workplace()
        let (again, outcome) = try Self.features(workplace, "again.safetensors")
        #expect(outcome.testAccuracy > 0.9 && outcome.identity.testAccuracy == outcome.testAccuracy)
        let (one, other) = try (Self.tensors(Self.learned.get().file), Self.tensors(Data(contentsOf: again)))
        #expect(one == other && !one.isEmpty)
        let data = try workplace.configuration().data
        let (own, larger) = try (
            data.load(.train, side: 8, from: workplace.places).identity,
            data.load(.train, side: 16, from: workplace.places).identity
        )
        let found = try TrainedFeatures(for: own, nil, in: workplace.url, on: NativeEngine.shared.engine)
        #expect(found.identity == outcome.identity && found.identity.dataChecksum == own.checksum)
        #expect(throws: EvaluationError.noFeaturesFor(larger)) {
            try TrainedFeatures(for: larger, nil, in: workplace.url, on: NativeEngine.shared.engine)
        }
        #expect(
            throws: EvaluationError.featuresOfOtherImages(
                path: again.relativePath, features: [1, 8, 8], images: [1, 16, 16])
        ) { try TrainedFeatures(for: larger, again, in: workplace.url, on: NativeEngine.shared.engine) }
        let stranger = workplace.url.appendingPathComponent("stranger.safetensors")
        try SafetensorsFile.write([TensorEntry(name: "w", shape: [1], values: [Float(1)])], metadata: [:], to: stranger)
        #expect(throws: EvaluationError.noFeatures(path: stranger.relativePath)) {
            try TrainedFeatures(stranger, on: NativeEngine.shared.engine)
        }
    }

    /// The bytes of a file's tensors: what comes after the header, whose length is told by its first eight.
    private static func tensors(_ file: Data) -> Data {
        file.dropFirst(8 + file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) })
    }

    @Test("An evaluation that was stopped goes on to the one made at once; noise is farther than the floor")
    func evaluated() throws {
        let workplace = try Self.workplace()
        let (learned, outcome) = try Self.learned.get()
        let features = workplace.url.appendingPathComponent("features.safetensors")
        try learned.write(to: features)
        let folder = try Self.trained(workplace)
        var drawn: [Int] = []
        let stopped = try Self.evaluation(workplace, folder, 160, features).evaluate(
            until: { true }, onEvent: { if case .drawn(let count) = $0 { drawn.append(count) } })
        #expect(stopped == nil && drawn == [128])
        var resumed: [Int] = []
        let exported = workplace.url.appendingPathComponent("exported.safetensors")
        let evaluation = try #require(
            try Self.evaluation(workplace, folder, 160, features, likelihoodImages: 3).evaluate(
                exportingTo: exported
            ) { if case .resumed(let count) = $0 { resumed.append(count) } })
        #expect(resumed == [128] && evaluation.evaluationsPerImage == 2)
        let file = try SafetensorsFile(contentsOf: exported)
        func set(_ name: String) throws -> FeatureSet {
            let entry = try file.tensor(name)
            return FeatureSet(try entry.values(as: Float.self).map(Double.init), dimensions: entry.shape[1])
        }
        let distance = FrechetDistance.between(Moments(try set("generated")), and: Moments(try set("test")))
        #expect(abs(distance - evaluation.quality.frechet.value) < 1e-9 * distance)
        #expect(try file.tensor("labels").values(as: Int64.self).prefix(3) == [0, 1, 0])

        let (quality, floor) = (evaluation.quality, evaluation.floor.real)
        #expect(quality.frechet.interval[0] > floor.frechet.interval[1])
        #expect(quality.kernel.interval[0] > floor.kernel.interval[1])
        #expect(quality.coverage.value < floor.coverage.value)
        #expect(floor.accuracy.map { $0.value > 0.9 } == true && quality.accuracyByClass?.count == 2)
        #expect(quality.frechet.madeWith.featuresChecksum == outcome.identity.checksum)
        #expect(floor.frechet.madeWith.images == 160 && quality.nearest != nil && floor.nearest == nil)
        for picture in evaluation.pictures {
            #expect(FileManager.default.fileExists(atPath: folder.url.appendingPathComponent(picture).path))
        }

        // The likelihood is the command's own: the images' solver has no part in it.
        let bits = try #require(evaluation.bitsPerDimension)
        let alone = try LikelihoodRun(
            folder, changes: assignments(["likelihood.images=3"]),
            list: { _ in workplace.url.appendingPathComponent("list.csv") }, with: workplace.places,
            on: { try NativeEngine.shared.engine }
        ).evaluate { _ in }
        #expect(abs(alone.bitsPerDimension.value - bits.value) < 1e-3 && bits.interval[0] < bits.value)
        #expect(bits.madeWith.images == 3 && bits.madeWith.settings.contains("solver=dormand-prince"))

        // What was drawn in two parts is what is drawn at once.
        let rows = try Self.rows(folder)
        try FileManager.default.removeItem(at: folder.url.appendingPathComponent("evaluations"))
        drawn = []
        _ = try Self.evaluation(workplace, folder, 160, features).evaluate(
            until: { drawn.last == 160 }, onEvent: { if case .drawn(let count) = $0 { drawn.append(count) } })
        #expect(try zip(rows, Self.rows(folder)).allSatisfy { abs($0 - $1) < 1e-3 } && rows.count == 160 * 64)
        try checkFile(of: folder, holding: evaluation)
        #expect(throws: EvaluationError.self) { try Self.evaluation(workplace, folder, 100, features) }
        #expect(throws: EvaluationError.self) { try Self.evaluation(workplace, folder, 128, nil) }
    }

    private static func rows(_ folder: RunFolder) throws -> [Float] {
        let evaluations = folder.url.appendingPathComponent("evaluations")
        let name = try #require(
            FileManager.default.contentsOfDirectory(atPath: evaluations.path).first { $0.hasSuffix(".safetensors") })
        return try SafetensorsFile(contentsOf: evaluations.appendingPathComponent(name)).tensor("features")
            .values(as: Float.self)
    }

    /// The last figures stand in front, those of other settings behind.
    private func checkFile(of folder: RunFolder, holding first: Evaluation) throws {
        let text = String(decoding: try JSONEncoder().encode(first), as: UTF8.self)
        let second = try JSONDecoder().decode(
            Evaluation.self, from: Data(text.replacing(#""images":"160""#, with: #""images":"129""#).utf8))
        var file = try EvaluationFile(of: folder)
        #expect(file.evaluations == [first] && second != first && second.bitsPerDimension == first.bitsPerDimension)
        try file.record(second)
        try file.record(first)
        #expect(try EvaluationFile(of: folder).evaluations == [first, second])
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: file.url)) as? [String: Any])
        for key in ["frechet", "kernel", "precision", "recall", "density", "coverage", "accuracy", "floor"] {
            let figure = try #require(object[key] as? [String: Any], "\(key)")
            #expect(figure["value"] is Double && (figure["interval"] as? [Double])?.count == 2, "\(key)")
            #expect(figure["made_with"] is [String: Any], "\(key)")
        }
        #expect((object["settings"] as? [String: String])?["sampling.steps"] == "2")
        #expect(EvaluationTable(first).lines.contains { $0.hasPrefix("Frechet distance, test") })
        try Data("{}".utf8).write(to: file.url)
        #expect(throws: EvaluationError.malformed(path: file.url.relativePath)) { try EvaluationFile(of: folder) }
    }
}
