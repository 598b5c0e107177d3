import Formats
import Foundation
import Settings
import Testing

@testable import Datasets

/// The files of Goldens/npz, made by `make_npz.py`.
@Suite("NPZ files and IDX files of any form")
struct NPZArraysTests {
    private static let folder = PictureGoldens.folder.deletingLastPathComponent().appendingPathComponent("npz")

    private func load(_ name: String, _ split: DatasetSplit = .train, side: Int = 5) throws -> LoadedDataset {
        var source = NPZArrays()
        source.file = NPZArraysTests.folder.appendingPathComponent(name).path
        return try source.load(
            split, side: side, from: DatasetPlaces(environment: [:], setUpFolder: NPZArraysTests.folder))
    }

    @Test(
        "Channels first or last, 8 bits or k / 255, stored or compressed: the same images",
        arguments: ["first.npz", "last.npz", "float.npz", "double.npz", "wide.npz"])
    func forms(file: String) throws {
        let (plain, loaded) = (try load("first.npz"), try load(file))
        #expect(loaded.images.channels == 3 && loaded.images.count == 6 && loaded.images.classCount == 4)
        #expect(loaded.images.images == plain.images.images && loaded.images.labels == plain.images.labels)
        #expect(loaded.identity.checksum == plain.identity.checksum)
        #expect(try load(file, .test).images.count == 3)
        #expect(plain.images.labels == [0, 1, 2, 0, 1, 2] && plain.images.image(at: 1).first == 75)
    }

    @Test("Without test images a part is drawn; without labels there are no classes")
    func whole() throws {
        let (train, test) = (try load("whole.npz"), try load("whole.npz", .test))
        #expect(train.images.count == 9 && test.images.count == 1 && train.images.channels == 1)
        #expect(train.images.classCount == 0 && train.images.width == 5)
        #expect(train.originalSize == "7 x 5" && train.identity.resize == "crop, bilinear")
    }

    @Test(
        "What is not to be understood is refused with a sentence",
        arguments: [
            ("other.npz", "it has a, b"), ("ambiguous.npz", "is not that of images"),
            ("flat.npz", "is not that of images"),
            ("scaled.npz", "save the pixels as uint8"), ("negative.npz", "is no class"), ("many.npz", "is no class"),
            ("short.npz", "6 images but 5 labels"), ("fortran.npz", "Fortran order"),
            ("onehot.npz", "one label an image"),
            ("text.npz", "not a ZIP file"), ("absent.npz", "cannot read"),
        ])
    func refusals(file: String, words: String) throws {
        let error = try #require(throws: DatasetError.self) { try load(file) }
        #expect(error.description.contains(words), "\(error.description)")
    }

    @Test("Damaged archives are refused, whatever byte is wrong")
    func damage() throws {
        let good = try contents(of: NPZArraysTests.folder.appendingPathComponent("last.npz"))
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("x.npz")
            var source = NPZArrays()
            source.file = file.path
            let places = DatasetPlaces(environment: [:], setUpFolder: folder)
            let expected = try load("last.npz").images
            for position in stride(from: 0, to: good.count, by: 3) {
                var bytes = good
                bytes[position] ^= 0x55
                try Data(bytes).write(to: file)
                let loaded = try? source.load(.train, side: 5, from: places)
                // A byte that nothing depends on, such as one of a time, may be any.
                #expect(loaded == nil || loaded?.images.images == expected.images || loaded?.images.count != 6)
                try Data(good.prefix(position)).write(to: file)
                #expect(throws: DatasetError.self) { try source.load(.train, side: 5, from: places) }
            }
        }
    }

    @Test("IDX files may have any size, three channels, any number of classes, and no test split")
    func idx() throws {
        try withTemporaryFolder { folder in
            let pixels = (0..<20 * 3 * 4 * 6).map { UInt8(truncatingIfNeeded: $0) }
            try IDXFile(shape: [20, 3, 4, 6], values: pixels).write(
                to: folder.appendingPathComponent("train-images-idx4-ubyte"))
            try IDXFile(shape: [20], values: (0..<20).map { UInt8($0 % 13) }).write(
                to: folder.appendingPathComponent("train-labels-idx1-ubyte"))
            var source = IDXFolder()
            source.folder = folder.path
            let places = DatasetPlaces(environment: [:], setUpFolder: folder)
            let (train, test) = (
                try source.load(.train, side: 4, from: places), try source.load(.test, side: 4, from: places)
            )
            #expect(train.images.count == 18 && test.images.count == 2 && train.images.classCount == 13)
            #expect(train.images.imageShape == [3, 4, 4] && train.originalSize == "6 x 4")
        }
    }
}
