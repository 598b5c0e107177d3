import ArgumentParser
import Foundation
import Models
import Settings
import Verification

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compute what reference tensors hold and print how far the results are from them.",
        discussion: """
            A golden file is a safetensors file with weights, inputs and the velocities, loss, gradients, trained state \
            and sample that the PyTorch reference computed from them. Every quantity gets a line; exit code 1 if any \
            is out of tolerance. The reference is float32; with --precision tf32 or bf16 the tolerances are what rounding \
            the operands of products explains.
            """)

    @Argument(help: "Golden files to verify against.", completion: .file(extensions: ["safetensors"]))
    var files: [String]

    @Flag(help: "Print each gradient on its own line, not only the worst.")
    var verbose = false

    @OptionGroup var device: DeviceOptions
    @OptionGroup var precision: PrecisionOptions

    func run() throws {
        let engine = try device.engine(precision.precision)
        var failed = 0
        for path in files {
            let golden = try GoldenFile(contentsOf: URL(fileURLWithPath: path))
            try Terminal.print("\(path): \(golden.model.kindTitle)")
            let comparisons = try GoldenCheck(golden, on: engine).run()
            let gradients = comparisons.filter { $0.quantity.hasPrefix("grad.") }
            let worst = gradients.max { $0.error < $1.error || $1.error.isNaN }
            for comparison in comparisons
            where verbose || !comparison.quantity.hasPrefix("grad.") || !comparison.isWithinTolerance {
                try Terminal.print("  \(comparison)")
            }
            if !verbose, let worst, worst.isWithinTolerance {
                try Terminal.print("  \(worst), the worst of \(gradients.count)")
            }
            failed += comparisons.count { !$0.isWithinTolerance }
        }
        if failed > 0 {
            try Terminal.print("\(failed) quantities are out of tolerance")
            throw ExitCode(1)
        }
    }
}
