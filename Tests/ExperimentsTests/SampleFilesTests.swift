import Formats
import Foundation
import Testing

@testable import Experiments

struct SampleFilesTests {
    /// Images of one pixel, `sets` stills each.
    private func samples(_ count: Int, sets: Int = 1) -> Samples {
        let selection = SamplingRun.Selection(labels: (0..<count).map { $0 % 10 }, columns: 40)
        let set = (0..<count).map { Float($0 % 3) - 1 }
        return Samples(
            selection: selection, imageShape: [1, 1, 1], guidance: 1, sets: Array(repeating: set, count: sets),
            evaluations: 1, seconds: 1)
    }

    private func names(_ files: [URL]) -> [String] { files.map(\.lastPathComponent) }

    @Test("A picture's images are spread over sheets where one would be too large", arguments: [1600, 1601, 3300])
    func sheets(_ count: Int) throws {
        let workplace = try Workplace()
        let url = workplace.url.appendingPathComponent("grid.png")
        let files = try SampleFiles(.png).write(samples(count), to: url)
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
        #expect(try names(SampleFiles(.png, way: way).write(samples(most, sets: 2), to: url)) == ["way.png"])
        let files = try SampleFiles(.png, way: way).write(samples(most + 1, sets: 2), to: url)
        #expect(names(files) == ["way-1.png", "way-2.png"])
    }

    @Test("Arrays are one file, however many images they hold")
    func arrays() throws {
        let workplace = try Workplace()
        let url = workplace.url.appendingPathComponent("a.npy")
        #expect(try SampleFiles(.npy).write(samples(1700), to: url) == [url])
        #expect(try NPY<Float>(contentsOf: url).values == samples(1700).images)
        let tensors = workplace.url.appendingPathComponent("a.safetensors")
        _ = try SampleFiles(.safetensors).write(samples(1700), to: tensors)
        #expect(try SafetensorsFile(contentsOf: tensors).tensor("labels").shape == [1700])
    }
}
