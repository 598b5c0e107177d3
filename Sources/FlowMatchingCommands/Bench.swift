import ArgumentParser
import Experiments
import Foundation
import PJRT
import Settings
import Training

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure whole training steps of a network on this machine.",
        discussion: """
            By default with 64 images a step. A step draws a batch from up to 60,000 images in memory, noises it, goes forward and back and moves the weights \
            with Adam. The images are random: of data that --data names only channels and classes count. `make bench` compares with PyTorch and JAX.
            """)

    @OptionGroup(title: "Settings") var settings: SettingsOptions

    @Option(knob: "training.batch_size") var batchSize: Assignment?
    @Option(knob: "training.precision") var precision: Assignment?

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

    @Flag(help: "Wait for the commands of Benchmarks/toolbox.py on standard input: couplings and solvers alone.")
    var toolbox = false

    @OptionGroup(title: "Device") var device: DeviceOptions

    func validate() throws {
        guard (1...1_000_000).contains(steps) else { throw ValidationError("--steps must be from 1 to 1000000.") }
        guard !(toolbox && (serve || json || profile)) else {
            throw ValidationError("--toolbox goes with none of --serve, --json and --profile.")
        }
        guard !(serve && (json || profile)) else {
            throw ValidationError("--serve goes neither with --json nor with --profile.")
        }
    }

    func run() throws {
        // The reference's step with a batch of 64, and no average unless asked for.
        var defaults = [Assignment("training.batch_size", .integer(64), from: "bench")]
        if !ema { defaults += Shorthand.noAverage.assignments(from: "bench") }
        let configuration = try settings.configuration(over: RunConfiguration().applying(defaults), assignments)
            .followingData(from: .usual)
        if toolbox {
            var benchmark = ToolboxBenchmark(on: try device.engine(configuration.training.precision))
            while let command = readLine(), command != "quit" {
                try Terminal.print("\(try benchmark.seconds(command))")
            }
            return
        }
        let benchmark = try StepBenchmark(configuration, on: device.engine(configuration.training.precision))
        if serve {
            return try BenchmarkServer(benchmark).run(
                commands: { readLine() }, answer: { try Terminal.write($0) })
        }
        var progress = ProgressBar(total: steps)
        let report = try benchmark.report(steps: steps) { step, seconds in
            progress.update(step, String(format: "%.3f s a step", seconds))
        }
        try Terminal.print(json ? try report.json() : report.text)
        if profile { try Terminal.print(try benchmark.profileText(report)) }
    }
}
