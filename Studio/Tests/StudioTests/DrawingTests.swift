import Compute
import Datasets
import Experiments
import Flows
import Foundation
import Models
import Settings
import Testing
import Training

@testable import Studio

@Suite(.enabled(if: FileManager.default.fileExists(atPath: SetUpFolder.path + "/plugins"), "needs `make setup`"))
struct DrawingTests {
    @Test("A drawing's last picture is what `flowmatch sample` draws, in every row, and its command says so")
    func same() async throws {
        let runs = try await TrainedRun.runs
        let answer = try await RunningStudio.serving(runs) { studio in
            try studio.get(
                "/sample/events?run=tiny&label=3,none,1&seed=7&steps=4&frames=2&vary=guidance&values=1,3",
                ["Accept": "text/event-stream"])
        }
        let events = try ServerEvents(answer)
        #expect(events.map(\.name) == ["begin"] + [String](repeating: "frame", count: 6) + ["done"])
        let frames = events.filter { $0.name == "frame" }.map(\.value)
        #expect(frames.compactMap { $0["row"] as? Int } == [0, 1, 0, 1, 0, 1])
        #expect(frames.compactMap { $0["step"] as? Int } == [0, 0, 2, 2, 4, 4])
        #expect(frames.compactMap { $0["evaluations"] as? Int }.suffix(2) == [4, 8])
        let engine = try DeviceRequest().engine()
        let folder = RunFolder(runs.appendingPathComponent(TrainedRun.name))
        let run = try SamplingRun(
            folder,
            changes: [.init("sampling.steps", .integer(4), from: ""), .init("sampling.seed", .integer(7), from: "")],
            on: { engine })
        for (row, scale) in [(4, 1.0), (5, 3.0)] {
            let drawn = try run.draw(SampleSelection(labels: [3, 10, 1], columns: 3), guidance: scale)
            let pixels = Data(base64Encoded: frames[row]["pixels"] as? String ?? "").map { [UInt8]($0) } ?? []
            let expected = PixelRange.quantized(drawn.images)
            #expect(pixels.count == expected.count)
            // Programs of another batch size may round the last digit otherwise.
            #expect(zip(pixels, expected).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
        }
        let rows = events.last?.value["rows"] as? [[String: Any]] ?? []
        let command = rows.last?["command"] as? String ?? ""
        #expect(command.contains("--checkpoint 2 --labels 3,10,1 --guidance 3 --solver euler --steps 4 --seed 7"))
    }

    @Test("Looking inside tells the velocity and the end that it points to; an image noised to its end stays as it is")
    func inside() async throws {
        let shape = try TrainedRun.configuration.model.makeNetwork().imageShape
        let image = Data((0..<shape.reduce(1, *)).map { UInt8($0 % 251) })
        let text = image.base64EncodedString().inQuery
        let answer = try await RunningStudio.serving(try await TrainedRun.runs) { studio in
            try studio.get("/sample/events?run=tiny&label=1&count=1&steps=4&frames=4&look=yes&image=\(text)&from=1")
        }
        let frame = try #require(try ServerEvents(answer).first { $0.name == "frame" }).value
        let bytes = { (name: String) in Data(base64Encoded: frame[name] as? String ?? "") ?? Data() }
        #expect(bytes("pixels") == image)
        // At t = 1 the linear path's data is the point itself, whatever the velocity.
        #expect(bytes("end") == image)
        #expect(bytes("velocity").count == image.count && bytes("velocity").contains { $0 == 0 || $0 == 255 })
    }

    @Test("A newer request of a page drops its older one, and no other page's")
    func turns() async {
        let turns = DrawingTurns()
        let (first, other) = (await turns.begin("a"), await turns.begin("b"))
        let before = await first.isCurrent
        let second = await turns.begin("a")
        let after = (first: await first.isCurrent, second: await second.isCurrent, other: await other.isCurrent)
        #expect(before && !after.first && after.second && after.other)
    }

    @Test("PNG and NPZ are what the drawing is, as files", arguments: ["png", "npz"])
    func files(_ format: String) async throws {
        let answer = try await RunningStudio.serving(try await TrainedRun.runs) { studio in
            try studio.get("/sample/file?run=tiny&count=3&steps=2&format=\(format)")
        }
        #expect(answer.status == 200)
        #expect(answer.header("Content-Disposition") == "attachment; filename=\"tiny-seed-0.\(format)\"")
    }
}
