import Datasets
import Formats
import Foundation
import Measurements
import Settings
import TestSupport
import Testing
import Training

@testable import Experiments

@Suite("A run knows its images")
struct DataIdentityTests {
    private func identity(_ workplace: Workplace, _ split: DatasetSplit = .train) throws -> DatasetIdentity {
        try workplace.configuration().data.load(split, side: 8, from: workplace.places).identity
    }

    /// Changes one pixel of the training images.
    private func change(_ workplace: Workplace) throws {
        let file = workplace.url.appendingPathComponent("train-images-idx3-ubyte")
        var bytes = [UInt8](try Data(contentsOf: file))
        bytes[bytes.count - 1] ^= 1
        try Data(bytes).write(to: file)
    }

    @Test("It is written with the settings and read with them")
    func file() throws {
        let workplace = try Workplace()
        let identity = try identity(workplace)
        let folder = workplace.run()
        try folder.save(workplace.configuration(), data: identity)
        #expect(try folder.file().data == identity)
        let text = try String(contentsOf: folder.configurationFile, encoding: .utf8)
        #expect(text.contains(identity.checksum) && text.contains("\"normalisation\" : \"pixel / 255 * 2 - 1\""))
        try folder.save(workplace.configuration())
        #expect(try folder.file().data == nil)
    }

    @Test("A run goes on with the images that it was begun with and no others, whatever they are called")
    func otherData() throws {
        let workplace = try Workplace()
        let recorded = try identity(workplace)
        let folder = try workplace.begun(workplace.configuration("training.steps=20"), steps: 10)
        try folder.save(workplace.configuration("training.steps=20"), data: recorded)
        struct Opened: Error {}
        func resume(_ changes: String...) throws {
            _ = try TrainingRun(resuming: folder, changes: assignments(changes))
                .train(with: workplace.places, on: { throw Opened() }, onEvent: { _ in })
        }
        #expect(throws: Opened.self) { try resume() }
        // The same files elsewhere.
        let other = try Workplace()
        #expect(throws: Opened.self) { try resume("data.folder=\(other.url.path)") }
        try change(workplace)
        let error = try #require(throws: TrainingError.self) { try resume() }
        let found = try identity(workplace)
        #expect(error == .otherData(path: folder.url.relativePath, recorded: recorded, found: found))
        let text = "\(error)"
        #expect(text.contains(recorded.shortChecksum))
        #expect(try text.contains(identity(workplace).shortChecksum))
        #expect(throws: Opened.self) { try resume("data.folder=\(other.url.path)") }
        // What is finished needs no images: a report tells which it was trained on.
        let finished = try TrainingRun(workplace.configuration("training.steps=10"), in: folder)
        #expect(try finished.train(with: workplace.places, on: { throw Opened() }, onEvent: { _ in }) == 10)
        #expect(try folder.file().data == recorded)
    }

    @Test("A report tells the data once where it is the same for all runs, else with each run")
    func report() throws {
        let workplace = try Workplace()
        let (train, test) = (try identity(workplace), try identity(workplace, .test))
        func told(_ data: [DatasetIdentity?]) -> (shared: [String], runs: [[String]]) {
            let facts = ComparisonStudy.factsOfData(data)
            return (facts.shared.map(\.name), facts.own.map { $0.map(\.value) })
        }
        #expect(told([train, train]).shared == ["training images", "their checksum", "their size"])
        #expect(told([train, train]).runs == [[], []])
        let apart = told([train, test, nil])
        #expect(apart.shared.isEmpty && apart.runs[0].contains(train.checksum))
        #expect(apart.runs[1].contains { $0.contains("(test)") } && apart.runs[2] == ["not recorded"])
    }
}
