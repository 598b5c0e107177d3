import CPUKernels
import Foundation

/// Where the time of a training step went: the native kernels by kind, XLA's own code, and cores that had nothing to do.
package struct StepProfile: Sendable {
    /// Clocks and counters at one moment.
    package struct Snapshot: Sendable {
        let kernels = KernelTimes.current
        let processor = ProcessUsage.current.processorSeconds

        /// The clocks now.
        package init() {}
    }

    private struct Line: Sendable {
        let kind: String
        let seconds: Double
        let calls: Int?
    }

    private let lines: [Line]
    private let wall: Double

    /// - Parameter wall: seconds that the step between the two moments took
    package init(_ before: Snapshot, _ after: Snapshot, wall: Double) {
        self.wall = wall
        let times = after.kernels.since(before.kernels).entries
        var lines: [Line] = []
        for (kind, names) in Dictionary(grouping: times.keys, by: StepProfile.kind) {
            let seconds = names.reduce(0) { $0 + times[$1]!.seconds }
            let calls = names.reduce(0) { $0 + times[$1]!.calls }
            lines.append(Line(kind: kind, seconds: seconds, calls: calls))
        }
        lines.sort { $0.seconds > $1.seconds }
        let cores = Double(ProcessInfo.processInfo.activeProcessorCount)
        let native = lines.reduce(0) { $0 + $1.seconds }
        let idle = max(0, wall - (after.processor - before.processor) / cores)
        let others = max(0, wall - native)
        // Kernels seldom leave a core without work; what was idle is taken for part of the time between them.
        lines.append(Line(kind: "XLA", seconds: max(0, others - min(idle, others)), calls: nil))
        lines.append(Line(kind: "idle", seconds: min(idle, others), calls: nil))
        self.lines = lines
    }

    private static func kind(_ kernel: String) -> String {
        let name = kernel.dropFirst("flow.".count)
        for (part, kind) in [
            ("causal", "causal convolution"), ("convolution", "convolution"), ("linear", "matrix product"),
            ("norm", "normalisation"), ("affine", "normalisation"), ("attention", "attention"),
            ("scan", "selective scan"), ("adam", "optimizer"), ("upsample", "upsampling"),
            ("embedding", "conditioning"),
        ] where name.contains(part) { return kind }
        return String(name)
    }

    /// - Parameter floor: seconds that a step's products would take at the machine's best rate, and that rate
    package func text(floor: StepFloor) -> String {
        var text = ["  where the \(format(wall)) s of the fastest step went:"]
        for line in lines {
            let share = String(format: "%3.0f %%", 100 * line.seconds / wall)
            let name = line.kind.padding(toLength: 20, withPad: " ", startingAt: 0)
            text.append("    \(name) \(format(line.seconds)) s  \(share)" + (line.calls.map { "  \($0) calls" } ?? ""))
        }
        text.append(
            String(
                format: "  floor: %.1f GFLOP at %.0f GFLOP/s take %.4f s, %.0f %% of the step",
                floor.operations / 1e9, floor.rate / 1e9, floor.seconds, 100 * floor.seconds / wall))
        return text.joined(separator: "\n")
    }

    private func format(_ seconds: Double) -> String { String(format: "%.4f", seconds) }
}

/// The time of a step's matrix products and convolutions alone, were all as fast as a large square product.
package struct StepFloor: Sendable {
    /// Multiplications and additions of a step.
    let operations: Double
    /// Operations a second of the large product.
    let rate: Double

    var seconds: Double { operations / rate }
}
