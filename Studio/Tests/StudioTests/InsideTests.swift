import Compute
import Datasets
import Experiments
import Foundation
import Quality
import Settings
import Testing
import Training

@testable import Studio

/// What is asked of single images, and of the field around them.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: SetUpFolder.path + "/plugins"), "needs `make setup`"))
struct InsideTests {
    private func object(_ answer: Answer) throws -> [String: any Sendable] {
        #expect(answer.status == 200, "\(answer)")
        return try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: any Sendable] ?? [:]
    }

    /// A number of a JSON object.
    private func number(_ value: Any?) -> Double { (value as? NSNumber)?.doubleValue ?? .nan }

    @Test(
        "An image's noise leads back to it under its label, and may be drawn from under another, or on the way to a seed"
    )
    func noise() async throws {
        let runs = try await TrainedRun.runs
        let (image, back, other, arc) = try await RunningStudio.serving(runs) { studio in
            let image = try object(try studio.get("/inside/image?run=tiny&number=3"))
            let pixels = (image["pixels"] as? String ?? "").inQuery
            let noise = try object(try studio.post("/inside/noise", "run=tiny&label=0&image=\(pixels)"))
            #expect(number(noise["evaluations"]) > 6 && number(noise["deviation"]) > 0)
            let name = noise["noise"] as? String ?? ""
            func last(_ query: String) throws -> [UInt8] {
                let answer = try studio.get("/sample/events?run=tiny&frames=2&\(query)")
                let frame = try ServerEvents(answer).last { $0.name == "frame" }?.value
                return Data(base64Encoded: frame?["pixels"] as? String ?? "").map { [UInt8]($0) } ?? []
            }
            let way = "count=1&noise=kept:\(name)&guidance=1&solver=dormand-prince"
            let arc = try last("count=3&label=0&noise=kept:\(name)&to=seed:5&guidance=1&solver=dormand-prince")
            return (image, try last("label=0&\(way)"), try last("label=7&\(way)"), arc)
        }
        let pixels = Data(base64Encoded: image["pixels"] as? String ?? "").map { [UInt8]($0) } ?? []
        #expect(image["class_name"] is String && image["count"] as? Int == 10_000 && image["label"] is Int)
        #expect(back.count == pixels.count && zip(back, pixels).allSatisfy { abs(Int($0) - Int($1)) <= 2 })
        #expect(other != back && other.count == pixels.count)
        // An arc begins and ends with its ends.
        #expect(zip(arc.prefix(pixels.count), pixels).allSatisfy { abs(Int($0) - Int($1)) <= 2 })
        let engine = try DeviceRequest().engine()
        let run = try SamplingRun(
            RunFolder(runs.appendingPathComponent(TrainedRun.name)),
            changes: [
                .init("solver", .text("dormand-prince"), from: ""), .init("sampling.seed", .natural(5), from: ""),
            ], on: { engine })
        let seed = PixelRange.quantized(
            try run.draw(SampleSelection(labels: [0], columns: 1), guidance: 1).images)
        #expect(zip(arc.suffix(pixels.count), seed).allSatisfy { abs(Int($0) - Int($1)) <= 2 })
    }

    @Test("The bits of a test image are those that `flowmatch likelihood` finds")
    func likelihood() async throws {
        let runs = try await TrainedRun.runs
        let answer = try await RunningStudio.serving(runs) { studio in
            let image = try object(try studio.get("/inside/image?run=tiny&number=0"))
            let label = image["label"] as? Int ?? -1
            let pixels = (image["pixels"] as? String ?? "").inQuery
            return try object(try studio.post("/inside/likelihood", "run=tiny&label=\(label)&image=\(pixels)"))
        }
        let list = FileManager.default.temporaryDirectory.appendingPathComponent("studio-\(UUID().uuidString).csv")
        defer { try? FileManager.default.removeItem(at: list) }
        let engine = try DeviceRequest().engine()
        let summary = try LikelihoodRun(
            RunFolder(runs.appendingPathComponent(TrainedRun.name)),
            changes: [.init("likelihood.images", .integer(1), from: "")], list: { _ in list },
            with: DatasetPlaces(setUpFolder: SetUpFolder.url), on: { engine }
        ).evaluate { _ in }
        #expect(abs(number(answer["bits_per_dimension"]) - summary.bitsPerDimension.value) < 1e-6)
        #expect(answer["is_given_label"] as? Bool == true && number(answer["standard_error"]) > 0)
    }

    @Test("The classifier reads test images; where there is none, the command that makes one is told")
    func opinion() async throws {
        let runs = try await TrainedRun.runs
        let right = try await RunningStudio.serving(runs) { studio in
            try (0..<3).filter { index in
                let image = try object(try studio.get("/inside/image?run=tiny&number=\(index)"))
                let pixels = (image["pixels"] as? String ?? "").inQuery
                let answer = try object(try studio.post("/inside/opinion", "run=tiny&image=\(pixels)"))
                let classes = answer["classes"] as? [[String: Any]] ?? []
                let probabilities = classes.map { number($0["probability"]) }
                #expect(classes.count == 10 && abs(probabilities.reduce(0, +) - 1) < 1e-4)
                let label = image["label"] as? Int ?? -1
                return probabilities[label] == probabilities.max()
                    && classes[label]["name"] as? String == image["class_name"] as? String
            }
        }
        #expect(right.count >= 2)
        let empty = try TemporaryRuns()
        let nothing = try await RunningStudio.serving(runs, features: empty.url) { studio in
            let image = try object(try studio.get("/inside/image?run=tiny"))
            let pixels = (image["pixels"] as? String ?? "").inQuery
            return try studio.post("/inside/opinion", "run=tiny&image=\(pixels)", ["Accept": "application/json"])
        }
        #expect(nothing.status == 409 && nothing.body.contains("flowmatch features train --data mnist --side 32 --out"))
    }

    @Test("Arrows of a plane come for each time, and point to the end where the image has arrived nowhere else")
    func plane() async throws {
        let answer = try await RunningStudio.serving(try await TrainedRun.runs) { studio in
            try studio.get("/inside/plane?run=tiny&label=1&count=1&steps=4&other=2")
        }
        let events = try ServerEvents(answer)
        #expect(events.map(\.name) == ["plane"] + [String](repeating: "arrows", count: 5) + ["done"])
        let plane = events[0].value
        let way = plane["way"] as? [[String: Any]] ?? []
        #expect(way.count == 5 && (plane["other"] as? [[String: Any]])?.count == 5)
        #expect(number(way[0]["x"]) == 0 && abs(number(way[4]["x"]) - number(plane["length"])) < 1e-3)
        #expect(abs(number(way[4]["y"])) < 1e-3)
        for event in events where event.name == "arrows" {
            #expect((event.value["arrows"] as? [Any])?.count == PlaneDrawing.side * PlaneDrawing.side)
        }
        // Euler's first step from the noise is along the velocity there: the way's first point lies in its direction, and
        // arrows beside it point about the same way.
        let arrows = events[1].value["arrows"] as? [[String: Any]] ?? []
        let step = (number(way[1]["x"]), number(way[1]["y"]))
        let forward = arrows.filter { number($0["right"]) * step.0 + number($0["up"]) * step.1 > 0 }
        #expect(forward.count > arrows.count / 2)
    }

    @Test("What is not asked rightly of an image or of a plane is refused with a sentence")
    func hostile() async throws {
        let pixels = Data(repeating: 7, count: 1024).base64EncodedString().inQuery
        try await RunningStudio.serving(try await TrainedRun.runs) { studio in
            let json = ["Accept": "application/json"]
            for path in ["noise", "likelihood", "opinion"] {
                for (body, status) in [
                    ("", 400), ("run=tiny", 400), ("run=tiny&image=AAAA", 400), ("run=tiny&image=%%%", 400),
                    ("run=../x&image=\(pixels)", 400), ("run=none&image=\(pixels)", 404),
                    ("run=tiny&image=\(pixels)&label=10", 400), ("run=tiny&image=\(pixels)&label=x", 400),
                    ("run=tiny&image=\(pixels)&checkpoint=77", 404), ("run=tiny&image=\(pixels)&weights=all", 400),
                    ("image=" + String(repeating: "A", count: 300_000), 413),
                ] {
                    let answer = try studio.post("/inside/\(path)", body, json)
                    #expect(answer.status == status, "\(path) \(body.prefix(60)): \(answer)")
                    #expect(answer.body.hasPrefix("{\"error\":"), "\(path) \(body.prefix(60))")
                }
                // What another site's page sends, and what is only looked at.
                #expect(
                    try studio.post("/inside/\(path)", "run=tiny", ["Origin": "https://evil.example"]).status == 403)
                #expect(try studio.get("/inside/\(path)?run=tiny", json).status == 404)
            }
            for query in ["number=-1", "number=x", "number=99999999999999999999"] {
                #expect(try studio.get("/inside/image?run=tiny&\(query)", json).status == 400, "\(query)")
            }
            #expect(try studio.get("/inside/image?run=..", json).status == 400)
            #expect(try studio.get("/inside/image?run=tiny&number=9223372036854775807", json).status == 200)
            for (query, status) in [
                ("count=2", 400), ("count=1&label=1&other=1", 400), ("count=1&label=1&other=10", 400),
                ("count=1&label=1&other=x", 400), ("count=1&label=none&other=none", 400),
                ("count=1&vary=guidance&values=1,2", 400), ("count=1&label=1&checkpoint=5", 404),
                ("count=1&steps=0", 400),
            ] {
                let answer = try studio.get("/inside/plane?run=tiny&\(query)", json)
                #expect(answer.status == status, "\(query): \(answer)")
            }
            for (query, status) in [
                ("noise=kept:nothing", 404), ("noise=7", 400), ("noise=seed:", 400), ("noise=seed:-1", 400),
                ("noise=file:/etc/passwd", 400), ("to=seed:1", 400),
                ("noise=seed:1&to=kept:\(String(repeating: "0", count: 32))", 404),
                ("noise=seed:1&image=\(pixels)", 400), ("noise=seed:18446744073709551616", 400),
            ] {
                let answer = try studio.get("/sample/events?run=tiny&\(query)", json)
                #expect(answer.status == status, "\(query): \(answer)")
            }
        }
    }

    @Test("A noise is kept for its run, and the oldest are forgotten")
    func kept() throws {
        let noises = KeptNoises()
        let first = noises.keep([1, 2], of: "a")
        #expect(try noises.noise(first, of: "a") == [1, 2])
        #expect(throws: Refusal.self) { try noises.noise(first, of: "b") }
        let others = (0..<KeptNoises.most).map { _ in noises.keep([3], of: "a") }
        #expect(throws: Refusal.self) { try noises.noise(first, of: "a") }
        #expect(try others.map { try noises.noise($0, of: "a") }.allSatisfy { $0 == [3] })
    }
}
