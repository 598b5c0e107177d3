import Formats
import Foundation
import Sampling
import Testing

@testable import Experiments

struct SampleFilesTests {
    /// Images of one pixel.
    private func contents(_ count: Int) -> SampleFiles.Contents {
        SampleFiles.Contents(SampleSelection(labels: (0..<count).map { $0 % 10 }, columns: 40), imageShape: [1, 1, 1])
    }

    private func values(_ range: Range<Int>) -> [Float] { range.map { Float($0 % 3) - 1 } }

    /// Writes images in batches, `sets` stills each.
    private func write(
        _ format: SampleFiles.Format, way: SampleFiles.Way? = nil, _ count: Int, sets: Int = 1, batch: Int = 128,
        to url: URL
    ) throws -> [URL] {
        try SampleFiles(format, way: way).write(contents(count), to: url) { append in
            for first in stride(from: 0, to: count, by: batch) {
                try append(Array(repeating: values(first..<min(first + batch, count)), count: sets))
            }
        }
    }

    private func names(_ files: [URL]) -> [String] { files.map(\.lastPathComponent) }

    @Test("A picture's images are spread over sheets where one would be too large", arguments: [1600, 1601, 3300])
    func sheets(_ count: Int) throws {
        let workplace = try Workplace()
        let url = workplace.url.appendingPathComponent("grid.png")
        let files = try write(.png, count, to: url)
        let expected = count <= 1600 ? ["grid.png"] : (1...(count + 1599) / 1600).map { "grid-\($0).png" }
        #expect(names(files) == expected)
        let heights = try files.map { try PNG.decode([UInt8](Data(contentsOf: $0))).height }
        #expect(heights.dropLast().allSatisfy { $0 == heights[0] } && heights[heights.count - 1] <= heights[0])
    }

    @Test("So are animations and strips", arguments: SampleFiles.Way.allCases)
    func ways(_ way: SampleFiles.Way) throws {
        let workplace = try Workplace()
        let url = workplace.url.appendingPathComponent("way.png")
        let most = way == .strip ? 40 : 400
        #expect(try names(write(.png, way: way, most, sets: 2, to: url)) == ["way.png"])
        let files = try write(.png, way: way, most + 1, sets: 2, to: url)
        #expect(names(files) == ["way-1.png", "way-2.png"])
    }

    @Test("Batches do not matter", arguments: SampleFiles.Format.allCases)
    func batches(_ format: SampleFiles.Format) throws {
        let workplace = try Workplace()
        let contents = try [1, 128, 1700].map { batch in
            let files = try write(
                format, 1700, batch: batch, to: workplace.url.appendingPathComponent("\(batch).\(format.rawValue)"))
            return try files.map { try Data(contentsOf: $0) }
        }
        #expect(contents[0] == contents[1] && contents[1] == contents[2])
    }

    @Test("Arrays are one file, however many images they hold")
    func arrays() throws {
        let workplace = try Workplace()
        let url = workplace.url.appendingPathComponent("a.npy")
        #expect(try write(.npy, 1700, to: url) == [url])
        let array = try NPY<Float>(contentsOf: url)
        #expect(array.shape == [1700, 1, 1, 1] && array.values == values(0..<1700))
        let tensors = workplace.url.appendingPathComponent("a.safetensors")
        _ = try write(.safetensors, 1700, to: tensors)
        let file = try SafetensorsFile(contentsOf: tensors)
        #expect(try file.tensor("labels").values(as: Int64.self) == (0..<1700).map { $0 % 10 })
        #expect(try file.tensor("images").values(as: Float.self) == values(0..<1700))
    }

    @Test("Bytes have their channels last")
    func channels() throws {
        let workplace = try Workplace()
        let url = workplace.url.appendingPathComponent("a.npz")
        let contents = SampleFiles.Contents(SampleSelection(labels: [4, 5], columns: 2), imageShape: [3, 1, 2])
        let levels = (0..<12).map { Float($0 * 20) }
        _ = try SampleFiles(.npz).write(contents, to: url) { append in
            for image in 0..<2 { try append([levels[image * 6..<image * 6 + 6].map { $0 / 255 * 2 - 1 }]) }
        }
        let bytes = try [UInt8](Data(contentsOf: url))
        // Local header, then the array's own of 128 bytes.
        let head = NPY<UInt8>.head(shape: [2, 1, 2, 3])
        let start = 30 + "arr_0.npy".utf8.count + 20
        #expect(Array(bytes[start..<start + head.count]) == head)
        let pixels = Array(bytes[start + head.count..<start + head.count + 12])
        #expect(pixels == [0, 40, 80, 20, 60, 100, 120, 160, 200, 140, 180, 220])
    }

    @Test("What is stopped leaves no file")
    func stopped() throws {
        let workplace = try Workplace()
        let before = try FileManager.default.contentsOfDirectory(atPath: workplace.url.path).sorted()
        struct Stopped: Error {}
        for format in SampleFiles.Format.allCases {
            #expect(throws: Stopped.self) {
                _ = try SampleFiles(format).write(
                    contents(10), to: workplace.url.appendingPathComponent("a.\(format.rawValue)")
                ) { append in
                    try append([values(0..<3)])
                    throw Stopped()
                }
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: workplace.url.path).sorted() == before)
    }

    @Test(
        "More images than there is room for are refused before one is drawn", arguments: SampleFiles.Format.allCases,
        [1 << 40, 1 << 54, Int.max])
    func room(_ format: SampleFiles.Format, count: Int) throws {
        let workplace = try Workplace()
        let selection = SampleSelection(nil, count: count, first: 5, classCount: 10)
        let contents = SampleFiles.Contents(selection, imageShape: [1, 32, 32])
        let error = #expect(throws: SamplingRunError.self) {
            try SampleFiles(format).check(contents, to: workplace.url.appendingPathComponent("a"))
        }
        #expect(error.map { "\($0)".contains("images") || "\($0)".contains("pictures") } == true)
    }
}

@Suite("Which images are drawn")
struct SampleSelectionTests {
    @Test("Labels come in turn; image i has that of its number, whichever is the first")
    func turns() {
        let all = SampleSelection([7, 8], count: 5, first: 0, classCount: 10)
        #expect(all.labels(0..<5) == [7, 8, 7, 8, 7])
        #expect(SampleSelection([7, 8], count: 2, first: 3, classCount: 10).labels(0..<2) == [8, 7])
        #expect(SampleSelection([7, 8], count: nil, first: 3, classCount: 10).labels(0..<2) == [7, 8])
        let many = SampleSelection(nil, count: .max, first: 1_000_000_000_000, classCount: 10)
        #expect(many.labels(Int.max - 2..<Int.max).count == 2)
    }

    @Test("A grid has a row for each label and one for none")
    func grid() throws {
        let grid = try SampleSelection(gridOf: 2, perClass: 3)
        #expect(grid.labels(0..<9) == [0, 0, 0, 1, 1, 1, 2, 2, 2] && grid.columns == 3)
        #expect(throws: SamplingRunError.self) { try SampleSelection(gridOf: 2, perClass: .max) }
    }

    @Test("A row leads from one seed to another, or from one label to another")
    func ways() throws {
        let seeds = try SampleSelection(fromSeed: 5, toSeed: 9, steps: 3, labels: [4, 1])
        #expect(seeds.labels(0..<6) == [4, 4, 4, 1, 1, 1])
        guard case .arcs(let arcs) = seeds.noise(2..<5) else {
            Issue.record("no arcs")
            return
        }
        #expect(arcs.map(\.share) == [1, 0, 0.5] && arcs.allSatisfy { $0.start.seed == 5 && $0.end.seed == 9 })
        let list = try #require(SeedList("5,9"))
        let labels = try SampleSelection(fromLabel: 3, toLabel: 8, steps: 4, seeds: list)
        #expect(labels.labels(0..<8) == [0, 1, 2, 3, 0, 1, 2, 3])
        #expect(labels.labelsOfRecord(0..<4) == [3, 3, 8, 8])
        guard case .each(let names) = labels.noise(3..<5) else {
            Issue.record("no names")
            return
        }
        #expect(names.map(\.seed) == [5, 9])
    }

    @Test("Seeds are listed one by one or in ranges, and never written out")
    func seedLists() throws {
        let list = try #require(SeedList("7,3-5,18446744073709551615"))
        #expect(list.count == 5 && (0..<5).map { list[$0] } == [7, 3, 4, 5, .max])
        let many = try #require(SeedList("1-9223372036854775806"))
        #expect(many.count == 9_223_372_036_854_775_806 && many[many.count - 1] == 9_223_372_036_854_775_806)
        for text in ["", "1,", "3-1", "-1", "1-2-3", "a", "0-18446744073709551615", "0-9223372036854775807"] {
            #expect(SeedList(text) == nil, "\(text)")
        }
    }
}
