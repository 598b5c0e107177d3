import ArgumentParser
import Basis
import Charts
import Experiments
import Formats
import Foundation
import Measurements
import Settings
import Training

struct SolversCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "solvers",
        abstract: "Which solver comes how near for how many evaluations, on a trained run.",
        discussion: """
            Draws the same images by every solver without noise and many numbers of steps, and writes a chart for each \
            guidance scale: network evaluations an image against the distance from 1,000 evaluations of the classical \
            Runge-Kutta method.
            """)

    @OptionGroup var trained: RunOptions

    @Option(parsing: .unconditionalSingleValue, help: "Guidance scale; repeatable. (default: 1, 3)")
    var guidance: [Double] = []

    @Option(help: "Images of each label.")
    var perClass = 2

    @Option(knob: "sampling.seed") var seed: Assignment?

    @Option(help: "The chart; with several scales, one file each: solvers-guidance-1.svg, ...")
    var out = "solvers.svg"

    @OptionGroup(title: "Device") var device: DeviceOptions
    @OptionGroup var precision: PrecisionOptions

    func validate() throws {
        guard (1...1000).contains(perClass) else { throw ValidationError("--per-class must be from 1 to 1000.") }
        guard guidance.allSatisfy(\.isFinite) else { throw ValidationError("--guidance must be a number.") }
    }

    func run() throws {
        let study = try AssignmentTexts(assignments).resolved { changes in
            try SolverStudy(trained.folder, changes: changes, checkpoint: trained.checkpoint) {
                try device.engine(precision.precision)
            }
        }
        let scales = (guidance.isEmpty ? [1, 3] : guidance).uniqued
        for scale in scales {
            var progress: ProgressBar?
            let name = DecimalText.exact(scale)
            let measurements = try study.measure(
                guidance: scale, perClass: perClass
            ) { done, total in
                if progress == nil { progress = ProgressBar(total: total) }
                progress?.update(done, "drawings at guidance \(name)")
            }
            let url = URL(fileURLWithPath: out)
            let file = scales.count > 1 ? url.appendingToName("-guidance-\(name)") : url
            try AtomicFile.write(Array(SolverStudy.chart(measurements, guidance: scale).svg().utf8), to: file)
            try Terminal.print("guidance \(name): \(file.relativePath)")
            for measurement in measurements {
                try Terminal.print(
                    "  \(measurement.solver.padding(toLength: 30, withPad: " ", startingAt: 0))"
                        + String(format: "%5d evaluations  %.2e", measurement.evaluations, measurement.distance))
            }
        }
    }
}
