import Compute
import Foundation

/// A benchmark that answers commands, one a line, with a JSON object each: the protocol of Benchmarks/README.md.
struct BenchmarkServer {
    private let benchmark: StepBenchmark

    init(_ benchmark: StepBenchmark) { self.benchmark = benchmark }

    func run() throws {
        for _ in 0..<3 { _ = try benchmark.steps(1) }
        try answer(Ready(version: "flowmatch \(Version.current)", compileSeconds: benchmark.compileSeconds))
        while let line = readLine() {
            do {
                let words = line.split(separator: " ")
                switch (words.first, words.count) {
                case ("step", 1): try answer(benchmark.steps(1))
                case ("steps", 2):
                    guard let count = Int(words[1]), count > 0 else {
                        try answer(Failure(error: "'\(words[1])' is no number of steps; use 1 or more."))
                        continue
                    }
                    try answer(benchmark.steps(count))
                case ("sample", 1): try answer(Sample(seconds: benchmark.sample()))
                case ("quit", 1):
                    try answer(End(peakRssBytes: ProcessUsage.current.peakMemoryInBytes))
                    return
                default:
                    try answer(
                        Failure(error: "'\(line)' is not a command; they are step, steps N, sample and quit."))
                }
            } catch { try answer(Failure(error: "\(error)")) }
        }
        try answer(End(peakRssBytes: ProcessUsage.current.peakMemoryInBytes))
    }

    private func answer(_ steps: StepBenchmark.Timed) throws {
        guard steps.loss.isFinite else { return try answer(Failure(error: "The loss is \(steps.loss).")) }
        try answer(Steps(seconds: steps.seconds, loss: steps.loss))
    }

    private struct Ready: Encodable {
        let ready = true
        let version: String
        let compileSeconds: Double
    }

    private struct Steps: Encodable {
        let seconds: Double
        let loss: Double
    }

    private struct Sample: Encodable {
        let seconds: Double
    }

    private struct End: Encodable {
        let peakRssBytes: Int
    }

    private struct Failure: Encodable {
        let error: String
    }

    private func answer(_ reply: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        FileHandle.standardOutput.write(try encoder.encode(reply) + Data("\n".utf8))
    }
}
