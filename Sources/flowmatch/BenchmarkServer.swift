import Compute
import Foundation

/// A benchmark that answers commands, one a line, with a JSON object each: the protocol of Benchmarks/README.md.
struct BenchmarkServer {
    private let benchmark: StepBenchmark

    init(_ benchmark: StepBenchmark) { self.benchmark = benchmark }

    func run() throws {
        for _ in 0..<3 { _ = try benchmark.step() }
        try answer(Ready(version: "flowmatch \(Version.current)", compileSeconds: benchmark.compileSeconds))
        while let line = readLine() {
            do {
                switch line.trimmingCharacters(in: .whitespaces) {
                case "step":
                    let step = try benchmark.step()
                    guard step.loss.isFinite else {
                        try answer(Failure(error: "The loss is \(step.loss)."))
                        continue
                    }
                    try answer(Step(seconds: step.seconds, loss: step.loss))
                case "sample": try answer(Sample(seconds: benchmark.sample()))
                case "quit":
                    try answer(End(peakRssBytes: ProcessUsage.current.peakMemoryInBytes))
                    return
                default: try answer(Failure(error: "'\(line)' is not a command; they are step, sample and quit."))
                }
            } catch { try answer(Failure(error: "\(error)")) }
        }
        try answer(End(peakRssBytes: ProcessUsage.current.peakMemoryInBytes))
    }

    private struct Ready: Encodable {
        let ready = true
        let version: String
        let compileSeconds: Double
    }

    private struct Step: Encodable {
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
