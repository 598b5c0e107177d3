import ArgumentParser
import Compute
import Foundation
import Models
import PJRT

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure whole training steps of a network on this machine.",
        discussion: """
            A step draws a batch from 60,000 images in memory, noises it, goes forward and back and moves the weights \
            with Adam. The images are random: no data is needed. `make bench` compares with PyTorch and JAX.
            """)

    @OptionGroup(title: "Network") var model: ModelOptions

    @Option(help: "Images a step.")
    var batchSize = 64

    @Option(help: "Timed steps, after three to warm up.")
    var steps = 10

    @Flag(help: "Keep a moving average of the weights as well.")
    var ema = false

    @Flag(help: "Print one JSON object instead of a table.")
    var json = false

    @Flag(help: "Say where a step's time goes, and how far it is from the machine's floor.")
    var profile = false

    @Flag(help: "Wait for the commands of a benchmark's runner on standard input (Benchmarks/README.md).")
    var serve = false

    @OptionGroup(title: "Device") var device: DeviceOptions

    func validate() throws {
        guard batchSize > 0 else { throw ValidationError("--batch-size must be 1 or more.") }
        guard steps > 0 else { throw ValidationError("--steps must be 1 or more.") }
        guard !(serve && (json || profile)) else {
            throw ValidationError("--serve goes neither with --json nor with --profile.")
        }
    }

    func run() throws {
        let benchmark = try StepBenchmark(
            model.specification(), batchSize: batchSize, keepsAverages: ema, on: device.engine())
        if serve { return try BenchmarkServer(benchmark).run() }
        let warmUpSteps = 3
        var progress = ProgressBar(total: warmUpSteps + steps)
        for step in 1...warmUpSteps {
            _ = try benchmark.steps(1)
            progress.update(step, "warming up")
        }
        var seconds: [Double] = []
        var moments = [StepProfile.Snapshot()]
        for step in 1...steps {
            seconds.append(try benchmark.steps(1).seconds)
            moments.append(StepProfile.Snapshot())
            progress.update(warmUpSteps + step, String(format: "%.3f s a step", seconds[step - 1]))
        }
        let report = BenchmarkReport(
            model: model.model.rawValue, batchSize: batchSize, device: benchmark.deviceDescription,
            stepSeconds: .init(seconds), compileSeconds: benchmark.compileSeconds,
            peakMemoryBytes: ProcessUsage.current.peakMemoryInBytes)
        print(json ? try report.json() : report.text)
        guard profile, let fastest = seconds.indices.min(by: { seconds[$0] < seconds[$1] }) else { return }
        let profile = StepProfile(moments[fastest], moments[fastest + 1], wall: seconds[fastest])
        print(profile.text(floor: try benchmark.floor()))
        let dispatch = try benchmark.dispatchSeconds()
        print(
            String(
                format: "  dispatch: %.5f s without any work, %.2f %% of the step", dispatch,
                100 * dispatch / seconds[fastest]))
        guard let memory = try benchmark.memory() else { return }
        print(
            String(
                format: "  memory: %.2f GiB for state and images, %.2f GiB for temporaries",
                Double(memory.arguments) / 0x1p30, Double(memory.temporaries) / 0x1p30))
    }
}

/// What `flowmatch bench` measured.
struct BenchmarkReport: Encodable {
    struct Seconds: Encodable {
        let min: Double
        let median: Double

        init(_ values: [Double]) {
            let sorted = values.sorted()
            min = sorted[0]
            median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        }
    }

    let model: String
    let batchSize: Int
    let device: String
    let stepSeconds: Seconds
    let compileSeconds: Double
    let peakMemoryBytes: Int

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    var text: String {
        [
            "\(model), batch \(batchSize), \(device)",
            String(format: "  step      %.4f s min, %.4f s median", stepSeconds.min, stepSeconds.median),
            String(format: "  images    %.0f a second", Double(batchSize) / stepSeconds.median),
            String(format: "  compiled  in %.2f s", compileSeconds),
            String(format: "  memory    %.2f GiB at its peak", Double(peakMemoryBytes) / 0x1p30),
        ].joined(separator: "\n")
    }
}
