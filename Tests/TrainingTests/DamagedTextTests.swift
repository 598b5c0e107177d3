import Foundation
import Testing

@testable import Training

/// Configurations and records that were damaged at random give a value or an error, and never stop the process.
@Suite("Damaged text")
struct DamagedTextTests {
    @Test("config.json")
    func configuration() throws {
        let whole = [UInt8](try RunFile.encoded(RunConfiguration()))
        try damage(whole, "config.json") { _ = try RunFile(Data($0), path: "config.json") }
    }

    @Test("A line of metrics.jsonl")
    func record() throws {
        let record = StepRecord(
            step: 7, loss: 0.5, gradientNorm: .infinity, learningRate: 1e-3, seconds: 0.5, imagesPerSecond: 16)
        let whole = Array(try MetricsLine.encoded(record).utf8)
        #expect(MetricsLine.record(whole) == record)
        try damage(whole, "a line") { bytes in
            let read = MetricsLine.record(bytes)
            #expect(read == nil || read == record, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    private func damage(_ whole: [UInt8], _ name: String, _ read: ([UInt8]) throws -> Void) throws {
        try read(whole)
        let seed = UInt64.random(in: 0...UInt64.max)
        // Printed before, since a trap leaves no time afterwards.
        print("mutations of \(name), seed \(seed)")
        var random = Damager(state: seed)
        for _ in 0..<400 {
            var bytes = whole
            for _ in 0..<random.below(3) + 1 where !bytes.isEmpty {
                let place = random.below(bytes.count)
                switch random.below(4) {
                case 0: bytes[place] ^= 1 << UInt8(random.below(8))
                case 1: bytes.removeSubrange(place...)
                case 2: bytes.remove(at: place)
                default: bytes.insert([UInt8(ascii: "9"), UInt8(ascii: "{"), 0xFF, 0][random.below(4)], at: place)
                }
            }
            do { try read(bytes) } catch {}
        }
    }

    /// Random numbers that are the same for the same state (a linear congruential generator, Knuth's constants).
    private struct Damager {
        var state: UInt64

        mutating func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
    }
}
