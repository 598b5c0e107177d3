import Formats
import Foundation
import Settings
import Testing

@testable import Datasets

@Suite("Folders of pictures")
struct ImageFolderTests {
    /// One gray or coloured square as a PNG file; folders are made as needed.
    private func write(_ file: URL, side: Int = 6, channels: Int = 1, value: UInt8 = 0) throws {
        let folder = file.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let pixels = (0..<side * side * channels).map { UInt8(truncatingIfNeeded: $0 &* 7) &+ value }
        try AtomicFile.write(
            PNG.encode(RasterImage(width: side, height: side, channels: channels, pixels: pixels)), to: file)
    }

    private func load(
        _ folder: URL, _ split: DatasetSplit = .train, side: Int = 6, cache: URL? = nil, _ settings: String...,
        onEvent: (DatasetEvent) -> Void = { _ in }
    ) throws -> LoadedDataset {
        let assignments = try (settings + ["folder=\(folder.path)"]).map { try Assignment(text: $0, from: "the test") }
        let source = try ImageFolder().applying(assignments)
        let places = DatasetPlaces(environment: [:], setUpFolder: PictureGoldens.setUpFolder, cacheFolder: cache)
        return try source.load(split, side: side, from: places, onEvent: onEvent)
    }

    private func message(_ folder: URL) -> String {
        do {
            _ = try load(folder)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("One subfolder a class, in the order of the alphabet, with all that lies below it")
    func classes() throws {
        try withTemporaryFolder { folder in
            try write(folder.appendingPathComponent("train/zebra/1.png"), value: 1)
            try write(folder.appendingPathComponent("train/ant/deep/er/2.PNG"), value: 2)
            try write(folder.appendingPathComponent("train/ant/1.png"), value: 3)
            try write(folder.appendingPathComponent("test/ant/1.png"), value: 4)
            try write(folder.appendingPathComponent("test/bee/1.png"), value: 5)
            for name in ["Thumbs.db", ".hidden.png", "README.txt"] {
                try Data("x".utf8).write(to: folder.appendingPathComponent("train/ant/\(name)"))
            }
            let train = try load(folder)
            let test = try load(folder, .test)
            #expect(train.images.classNames == ["ant", "bee", "zebra"] && train.images.labels == [0, 0, 2])
            #expect(test.images.classNames == train.images.classNames && test.images.labels == [0, 1])
            #expect(train.images.image(at: 0).first == 3 && train.images.image(at: 1).first == 2)
            #expect(train.identity.split == "train" && train.identity.resize == "none")
            #expect(train.images.channels == 1 && train.originalSize == "6 x 6")
        }
    }

    @Test("Without test images of its own, a part is drawn by a seed")
    func drawn() throws {
        try withTemporaryFolder { folder in
            for index in 0..<40 {
                try write(folder.appendingPathComponent("\(index % 2)/\(index).png"), value: UInt8(index))
            }
            let train = try load(folder)
            let test = try load(folder, .test)
            #expect(train.images.count == 36 && test.images.count == 4)
            let firsts = { (set: LoadedDataset) in
                Set((0..<set.images.count).compactMap { set.images.image(at: $0).first })
            }
            #expect(firsts(train).isDisjoint(with: firsts(test)) && firsts(train).union(firsts(test)).count == 40)
            #expect(try load(folder, .test).identity == test.identity)
            let other = try load(folder, .test, "split_seed=1")
            #expect(firsts(other) != firsts(test) && !other.identity.isSame(as: test.identity))
            #expect(try load(folder, .test, "test_fraction=0.5").images.count == 20)
        }
    }

    @Test("Pictures without subfolders, or in one alone, have no classes")
    func unlabelled() throws {
        try withTemporaryFolder { folder in
            for index in 0..<3 { try write(folder.appendingPathComponent("flat/\(index).png")) }
            for index in 0..<3 { try write(folder.appendingPathComponent("one/all/\(index).png")) }
            #expect(try load(folder.appendingPathComponent("flat")).images.classCount == 0)
            var notes: [DatasetEvent] = []
            let one = try load(folder.appendingPathComponent("one")) { notes.append($0) }
            #expect(one.images.classCount == 0 && one.images.labels == [0, 0])
            #expect(notes.contains(.note("there is one subfolder, all, so the images have no classes")))
        }
    }

    @Test("Gray and coloured pictures together are coloured, or gray where that is wanted")
    func colors() throws {
        try withTemporaryFolder { folder in
            try write(folder.appendingPathComponent("a/1.png"))
            try write(folder.appendingPathComponent("b/1.png"), channels: 3)
            let (auto, gray) = (
                try load(folder, .train, "test_fraction=0.001"), try load(folder, .train, "colors=gray")
            )
            #expect(auto.images.channels == 3 && gray.images.channels == 1 && gray.identity.channels == 1)
            #expect(auto.identity.checksum.count == 64)
            let plain = folder.appendingPathComponent("a")
            try write(plain.appendingPathComponent("2.png"))
            #expect(try load(plain).images.channels == 1)
            let coloured = try load(plain, .train, "colors=color")
            #expect(coloured.images.channels == 3)
            let image = Array(coloured.images.image(at: 0))
            #expect(image[..<36] == image[36..<72] && image[..<36] == image[72...])
        }
    }

    @Test("A folder that cannot be trained on says why, in one sentence")
    func wrongFolders() throws {
        try withTemporaryFolder { folder in
            func make(_ name: String) throws -> URL {
                let url = folder.appendingPathComponent(name)
                try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
                return url
            }
            #expect(message(try make("empty")).contains("holds no PNG or JPEG file; name a folder"))
            let texts = try make("texts")
            try Data("x".utf8).write(to: texts.appendingPathComponent("a.txt"))
            #expect(message(texts).contains("(but 1 other file)"))
            #expect(message(folder.appendingPathComponent("absent")).contains("is no folder"))
            let single = try make("single")
            try write(single.appendingPathComponent("1.png"))
            #expect(try load(single).images.count == 1)
            #expect(throws: DatasetError.notToBeSplit(dataset: "single")) { try load(single, .test) }
            let mixed = try make("mixed")
            try write(mixed.appendingPathComponent("1.png"))
            try write(mixed.appendingPathComponent("a/1.png"))
            #expect(message(mixed).contains("1 picture beside subfolders"))
            #expect(message(URL(fileURLWithPath: "/dev/null")).contains("is no folder"))
        }
    }

    @Test("All files that cannot be read are told at once, or left out and counted")
    func unreadable() throws {
        try withTemporaryFolder { folder in
            for index in 0..<4 { try write(folder.appendingPathComponent("a/\(index).png")) }
            let bad = folder.appendingPathComponent("b")
            try write(bad.appendingPathComponent("good.png"))
            try Data("a text".utf8).write(to: bad.appendingPathComponent("text.png"))
            try Data().write(to: bad.appendingPathComponent("empty.jpg"))
            try Data(PictureDecoderTests.huge("rgb.png")).write(to: bad.appendingPathComponent("huge.png"))
            let link = bad.appendingPathComponent("loop.png").path
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: link)
            for index in 0..<30 { try Data("x".utf8).write(to: bad.appendingPathComponent("z\(index).png")) }
            let error = try #require(throws: DatasetError.self) { try load(folder) }
            let text = error.description
            #expect(text.hasPrefix("34 of the 39 pictures of \(folder.path) cannot be read"))
            for part in [
                "b/text.png: it is neither PNG nor JPEG", "b/empty.jpg: it is empty",
                "b/huge.png: it has 20000 x 20000 pixels", "b/loop.png: Too many levels", "and 14 more",
                "--skip-unreadable",
            ] { #expect(text.contains(part), "\(text)") }
            var notes: [DatasetEvent] = []
            let loaded = try load(folder, .train, "skip_unreadable=true", "test_fraction=0.2") { notes.append($0) }
            #expect(loaded.images.count == 4 && loaded.images.classNames == ["a", "b"])
            #expect(notes.contains(.note("34 of 39 pictures cannot be read and are left out")))
            #expect(notes.contains(.decoded(39, of: 39)))
            // Where nothing can be read, nothing is left out.
            for index in 0..<4 { try Data().write(to: folder.appendingPathComponent("a/\(index).png")) }
            try Data().write(to: bad.appendingPathComponent("good.png"))
            #expect(throws: DatasetError.self) { try load(folder, .train, "skip_unreadable=true") }
        }
    }

    @Test("A loop of links ends, and adds nothing")
    func linkLoop() throws {
        try withTemporaryFolder { folder in
            for name in ["a/1.png", "b/1.png", "b/2.png"] { try write(folder.appendingPathComponent(name)) }
            let listing = try FolderListing(folder)
            for (link, target) in [("a/up", folder.path), ("a/self", folder.appendingPathComponent("a").path)] {
                try FileManager.default.createSymbolicLink(
                    atPath: folder.appendingPathComponent(link).path, withDestinationPath: target)
            }
            #expect(try FolderListing(folder).files.map(\.path) == listing.files.map(\.path))
            // A link to another folder is that folder.
            try FileManager.default.createSymbolicLink(
                atPath: folder.appendingPathComponent("c").path,
                withDestinationPath: folder.appendingPathComponent("b").path)
            #expect(try FolderListing(folder).files.map(\.path).suffix(2) == ["c/1.png", "c/2.png"])
        }
    }

    @Test("Decoded pictures are kept; a damaged or outdated copy is made anew")
    func cache() throws {
        try withTemporaryFolder { folder in
            let (pictures, cache) = (folder.appendingPathComponent("p"), folder.appendingPathComponent("cache"))
            for index in 0..<5 { try write(pictures.appendingPathComponent("\(index % 2)/\(index).png"), channels: 3) }
            try Data("x".utf8).write(to: pictures.appendingPathComponent("0/bad.png"))
            func decodings(_ settings: String...) throws -> (count: Int, set: LoadedDataset) {
                var count = 0
                let set = try load(
                    pictures, .train, side: settings.isEmpty ? 6 : 4, cache: cache, "skip_unreadable=true"
                ) { if case .decoded = $0 { count += 1 } }
                return (count, set)
            }
            let first = try decodings()
            let second = try decodings()
            #expect(first.count == 1 && second.count == 0)
            #expect(second.set.images == first.set.images && second.set.identity == first.set.identity)
            #expect(second.set.originalSize == first.set.originalSize)
            #expect(try decodings("another side").count == 1)
            let kept = cache.appendingPathComponent("pictures")
            for name in try FileManager.default.contentsOfDirectory(atPath: kept.path) {
                let url = kept.appendingPathComponent(name)
                var bytes = try contents(of: url)
                bytes[bytes.count - 9] ^= 1
                try Data(bytes).write(to: url)
            }
            let third = try decodings()
            #expect(third.count == 1 && third.set.images == first.set.images)
            for name in try FileManager.default.contentsOfDirectory(atPath: kept.path) {
                try Data([1, 2]).write(to: kept.appendingPathComponent(name))
            }
            #expect(try decodings().count == 1)
            try write(pictures.appendingPathComponent("0/0.png"), channels: 3, value: 9)
            let changed = try decodings()
            #expect(changed.count == 1 && changed.set.identity.checksum != first.set.identity.checksum)
        }
    }

    @Test("Pictures become squares as Pillow makes them: middle, padded, drawn out, over the background")
    func squares() throws {
        let goldens = try NPZFile(PictureGoldens.folder.appendingPathComponent("squares.npz").path)
        #expect(goldens.names.count == 9)
        for (name, file) in [("rgba", "rgba.png"), ("jpeg", "jpeg.jpg"), ("gray", "gray.png")] {
            let picture = try PictureGoldens.decoder.decode(PictureGoldens.bytes(file))
            for fit in ImageFit.allCases {
                let form = PictureForm(side: 8, fit: fit, background: Background([10, 200, 90]), colors: .auto)
                let square = try form.square(of: picture)
                let golden = try goldens.array("\(name)-\(fit.rawValue)")
                let axes = try ImageAxes([1] + golden.shape, source: name)
                let expected = try axes.planar(golden.pixels())
                #expect(square.channels == axes.channels && square.pixels == expected, "\(name) \(fit)")
            }
        }
    }
}
