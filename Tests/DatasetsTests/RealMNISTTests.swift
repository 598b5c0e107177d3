import Datasets
import Foundation
import Testing

/// MNIST itself, from `make setup`. FLOWMATCH_NO_SETUP_TESTS=1 leaves these out; without it, absent data is a failure.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["FLOWMATCH_NO_SETUP_TESTS"] != "1"))
struct RealMNISTTests {
    private func loaded(_ split: DatasetSplit) throws -> LoadedDataset {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try MNIST().load(
            split, side: 28, from: DatasetPlaces(environment: [:], setUpFolder: root.appendingPathComponent(".setup")))
    }

    @Test func trainingSplit() throws {
        let loaded = try loaded(.train)
        let dataset = loaded.images
        #expect(loaded.identity.checksum == MNIST.trainingChecksum && loaded.identity.resize == "none")
        #expect(dataset.count == 60_000)
        #expect(dataset.labelCounts == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
        #expect(Array(dataset.labels.prefix(5)) == [5, 0, 4, 1, 9])
    }

    @Test func testSplit() throws {
        let dataset = try loaded(.test).images
        #expect(dataset.count == 10_000)
        #expect(dataset.labelCounts == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
        #expect(Array(dataset.labels.prefix(5)) == [7, 2, 1, 0, 4])
    }
}
