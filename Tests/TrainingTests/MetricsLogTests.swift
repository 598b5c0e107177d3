import Formats
import Foundation
import Testing

@testable import Training

@Suite("Records of steps")
struct MetricsLogTests {
    private final class Log {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("metrics-\(UUID().uuidString).jsonl")
        var log: MetricsLog { MetricsLog(url) }

        init(steps: Int = 0) throws { try log.append((0..<steps).map { record($0 + 1) }) }

        deinit { try? FileManager.default.removeItem(at: url) }

        func record(_ step: Int) -> StepRecord {
            StepRecord(
                step: step, loss: 1 / Double(step), gradientNorm: 2, learningRate: 1e-3, seconds: 0.5,
                imagesPerSecond: 16)
        }

        func lines() throws -> [String] {
            try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map(String.init)
        }

        func write(_ lines: [String], end: String = "\n") throws {
            try Data((lines.joined(separator: "\n") + end).utf8).write(to: url)
        }
    }

    @Test("They come back; a line is a JSON object that ends with its checksum")
    func thereAndBack() throws {
        let file = try Log(steps: 3)
        #expect(try file.log.records() == (1...3).map(file.record))
        let line = try file.lines()[0]
        let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["step"] as? Int == 1 && (object["crc32c"] as? String)?.count == 8)
        #expect(line.hasSuffix("\"}"))
    }

    @Test("The last step is read from the end: of a log of any length, and of whole lines alone")
    func lastStep() throws {
        for steps in [1, 7, 200] {
            let file = try Log(steps: steps)
            #expect(file.log.lastStep == steps)
        }
        let file = try Log(steps: 3)
        try file.write(file.lines() + [#"{"loss":1,"st"#], end: "")
        #expect(file.log.lastStep == 3)
        #expect(MetricsLog(URL(filePath: "/none")).lastStep == nil)
    }

    @Test("Numbers that are not finite come back, held-out losses too")
    func notFinite() throws {
        let file = try Log()
        var record = file.record(1)
        (record.loss, record.gradientNorm) = (.nan, .infinity)
        (record.validationLoss, record.validationLossAveraged) = (-.infinity, .nan)
        try file.log.append([record])
        let found = try #require(try file.log.records().first)
        #expect(found.loss.isNaN && found.gradientNorm == .infinity)
        #expect(found.validationLoss == -.infinity && found.validationLossAveraged?.isNaN == true)
    }

    @Test("Any byte that is changed shows, is told with its line and renumbers nothing")
    func anyByte() throws {
        let file = try Log(steps: 3)
        let lines = try file.lines()
        for offset in lines[1].utf8.indices {
            var damaged = Data(lines.joined(separator: "\n").utf8) + Data("\n".utf8)
            damaged[lines[0].utf8.count + 1 + lines[1].utf8.distance(from: lines[1].startIndex, to: offset)] ^= 1
            try damaged.write(to: file.url)
            let contents = try file.log.contents(through: 3)
            #expect(contents.records.map(\.step) == [1, 3])
            #expect(contents.problems == [.damaged(line: 2), .missing(steps: 2...2)])
            #expect(throws: TrainingError.self) { try file.log.records() }
        }
    }

    @Test("Lines that are gone, cut, twice there or no text are told")
    func told() throws {
        let file = try Log(steps: 5)
        let lines = try file.lines()
        func problems(_ lines: [String], end: String = "\n", through last: Int? = 5) throws -> [MetricsProblem] {
            try file.write(lines, end: end)
            return try file.log.contents(through: last).problems
        }
        #expect(try problems(lines) == [])
        #expect(try problems([lines[0]] + lines[3...]) == [.missing(steps: 2...3)])
        #expect(try problems(Array(lines[2...])) == [.missing(steps: 1...2)])
        #expect(
            try problems(lines[..<4] + [String(lines[4].prefix(20))], end: "") == [
                .cutShort(line: 5), .missing(steps: 5...5),
            ])
        #expect(try problems(lines + lines) == (1...5).map { .outOfOrder(line: 5 + $0, step: $0) })
        #expect(try problems([]) == [.damaged(line: 1), .missing(steps: 1...5)])
        try Data([0xFF, 0xFE, 0x0A] + Array((lines.joined(separator: "\n") + "\n").utf8)).write(to: file.url)
        #expect(try file.log.contents(through: 5).problems == [.damaged(line: 1)])
        try FileManager.default.removeItem(at: file.url)
        #expect(try file.log.contents(through: 5).problems == [.missing(steps: 1...5)])
        #expect(try file.log.contents(through: 0).problems == [])
    }

    @Test("A log that cannot be read is an error, not an empty one")
    func unreadable() throws {
        let folder = FileManager.default.temporaryDirectory
        #expect(throws: FormatError.self) { try MetricsLog(folder).contents() }
    }

    @Test("A resumed run drops what was torn or ran ahead, and keeps the rest as it stands")
    func truncated() throws {
        let file = try Log(steps: 5)
        var lines = try file.lines()
        lines[1] = "damaged"
        try file.write(lines + ["{\"step\":"], end: "")
        #expect(try file.log.truncate(after: 4) == [.damaged(line: 2), .missing(steps: 2...2), .cutShort(line: 6)])
        #expect(try file.lines() == Array(lines[..<4]))
        try file.log.append([file.record(5)])
        #expect(try file.lines() == lines)
    }

    @Test("Lines of versions before checksums are read; one with a member of no version is damaged")
    func withoutChecksums() throws {
        let file = try Log()
        let old = #"{"gradient_norm":2,"images_per_second":16,"learning_rate":0.001,"loss":1,"seconds":0.5,"step":1}"#
        try file.write([old])
        #expect(try file.log.records() == [file.record(1)])
        try file.write([old.replacing("}", with: #","crc32d":"00000000"}"#)])
        #expect(try file.log.contents().problems == [.damaged(line: 1)])
    }
}
