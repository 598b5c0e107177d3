package import Foundation
import Training

/// A benchmark that answers commands, one a line, with a JSON object each: the protocol of Benchmarks/README.md.
package struct BenchmarkServer {
    private let benchmark: StepBenchmark

    package init(_ benchmark: StepBenchmark) { self.benchmark = benchmark }

    /// Answers until `quit` or the end of the commands.
    ///
    /// - Parameters:
    ///   - commands: the next line, nil at the end
    ///   - answer: takes a line of JSON
    package func run(commands: () -> String?, answer write: (Data) throws -> Void) throws {
        func answer(_ reply: some Encodable) throws {
            let encoder = JSONEncoder()
            encoder.keyEncodingStrategy = .convertToSnakeCase
            try write(encoder.encode(reply) + Data("\n".utf8))
        }
        for _ in 0..<3 { _ = try benchmark.steps(1) }
        try answer(Ready(version: "flowmatch \(Version.current)", compileSeconds: benchmark.compileSeconds))
        while let line = commands() {
            do {
                let words = line.split(separator: " ")
                switch (words.first, words.count) {
                case ("step", 1): try answer(reply(benchmark.steps(1)))
                case ("steps", 2):
                    guard let count = Int(words[1]), count > 0 else {
                        try answer(Failure(error: "'\(words[1])' is no number of steps; use 1 or more."))
                        continue
                    }
                    try answer(reply(benchmark.steps(count)))
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

    private func reply(_ steps: StepBenchmark.Timed) -> any Encodable {
        guard steps.loss.isFinite else { return Failure(error: "The loss is \(steps.loss).") }
        return Steps(seconds: steps.seconds, loss: steps.loss)
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
}
