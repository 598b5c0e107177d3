import Datasets
import Formats
import Foundation
import Settings
import Testing

@Suite struct MNISTTests {
    /// A split of a data set whose setting names the folder.
    private func loaded(
        _ source: any DatasetSource, _ split: DatasetSplit, from folder: URL
    ) throws(DatasetError) -> ImageDataset {
        try named(source, folder).load(split, side: 28, from: DatasetPlaces(environment: [:], setUpFolder: folder))
            .images
    }

    private func named(_ source: any DatasetSource, _ folder: URL) -> any DatasetSource {
        func named<Source: DatasetSource>(_ source: Source) -> any DatasetSource {
            let folder = Assignment("folder", .text(folder.path), from: "the test")
            return (try? source.applying([folder])) ?? source
        }
        return named(source)
    }

    @Test(arguments: ["", "raw", "MNIST", "MNIST/raw"], ["-", "."])
    func layoutsAndNames(place: String, separator: String) throws {
        try withTemporaryFolder { folder in
            try IDXFixture.write(
                to: folder.appendingPathComponent(place), imageName: "train-images\(separator)idx3-ubyte",
                labelName: "train-labels\(separator)idx1-ubyte")
            let dataset = try loaded(MNIST(), .train, from: folder)
            #expect(dataset.name == "MNIST" && dataset.split == .train && dataset.count == 3)
            #expect(dataset.width == 28 && dataset.height == 28 && dataset.classCount == 10)
            #expect(dataset.labels == [1, 9, 1])
            #expect(dataset.labelCounts == [0, 2, 0, 0, 0, 0, 0, 0, 0, 1])
            #expect(dataset.image(at: 1).first == UInt8(truncatingIfNeeded: 28 * 28))
            #expect(throws: DatasetError.self) { try loaded(MNIST(), .test, from: folder) }
        }
    }

    @Test func fashionHasItsOwnName() throws {
        try withTemporaryFolder { folder in
            try IDXFixture.write(to: folder.appendingPathComponent("FashionMNIST/raw"))
            #expect(try loaded(FashionMNIST(), .train, from: folder).name == "Fashion-MNIST")
            #expect(throws: DatasetError.self) { try loaded(MNIST(), .train, from: folder) }
        }
    }

    @Test func filesOfYourOwnAreNamedByTheirFolder() throws {
        try withTemporaryFolder { folder in
            let mine = folder.appendingPathComponent("letters")
            try IDXFixture.writeBoth(to: mine)
            let dataset = try loaded(IDXFolder(), .train, from: mine)
            #expect(dataset.name == "IDX files of letters")
            #expect(try dataset.images == loaded(MNIST(), .train, from: mine).images)
        }
    }

    @Test func filesThatDoNotFitAreRefused() throws {
        try withTemporaryFolder { folder in
            try IDXFixture.write(to: folder, labels: [1, 2])
            #expect(throws: DatasetError.countMismatch(dataset: "MNIST (train)", images: 3, labels: 2)) {
                try loaded(MNIST(), .train, from: folder)
            }
            try IDXFixture.write(to: folder, labels: [1, 10, 3])
            #expect(throws: DatasetError.labelOutOfRange(dataset: "MNIST", index: 1, label: 10, classCount: 10)) {
                try loaded(MNIST(), .train, from: folder)
            }
            try IDXFixture.write(to: folder, side: 27)
            #expect(
                throws: DatasetError.imageSize(dataset: "MNIST (train)", width: 27, height: 27, expectedSide: 28)
            ) {
                try loaded(MNIST(), .train, from: folder)
            }
            try IDXFixture.write(to: folder, count: 0, labels: [])
            #expect(throws: DatasetError.empty(dataset: "MNIST")) { try loaded(MNIST(), .train, from: folder) }
        }
    }

    @Test func aMissingFileSaysWhatToDo() throws {
        try withTemporaryFolder { folder in
            let error = #expect(throws: DatasetError.self) { try loaded(MNIST(), .test, from: folder) }
            let text = try #require(error?.description)
            #expect(text.contains("t10k-images-idx3-ubyte") && text.contains("make setup") && text.contains("--data"))
        }
    }

    @Test func aDamagedFileIsNamed() throws {
        try withTemporaryFolder { folder in
            try IDXFixture.write(to: folder)
            let url = folder.appendingPathComponent("train-images-idx3-ubyte")
            try Data(Data(contentsOf: url).dropLast(5)).write(to: url)
            let error = #expect(throws: DatasetError.self) { try loaded(MNIST(), .train, from: folder) }
            #expect(error?.description.contains(url.path) == true)
        }
    }

    @Test func swappedFilesAreRefused() throws {
        try withTemporaryFolder { folder in
            try IDXFixture.write(
                to: folder, imageName: "train-labels-idx1-ubyte", labelName: "train-images-idx3-ubyte")
            #expect(throws: DatasetError.self) { try loaded(MNIST(), .train, from: folder) }
        }
    }
}
