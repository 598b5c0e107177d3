import ArgumentParser
import Compute
import Foundation
import Models
import Settings
import Verification

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compute what reference tensors hold and print how far the results are from them.",
        discussion: """
            A golden file is a safetensors file with weights, inputs and the velocities, loss, gradients, trained state \
            and sample that the PyTorch reference computed from them; every quantity gets a line. A file of the toolbox \
            holds values of its formulas that other libraries computed, of the kind that its metadata names; the \
            worst gets a line. Exit code 1 if any quantity is out of tolerance, or a file cannot be read or is of a \
            kind that is not checked here; the other files are verified all the same. The reference is float32; with --precision tf32 or bf16 the tolerances are what rounding \
            the operands of products explains.
            """)

    @Argument(help: "Golden files to verify against.", completion: .file(extensions: ["safetensors"]))
    var files: [String]

    @Flag(help: "Print every quantity on its own line, not only the worst gradient or value.")
    var verbose = false

    @OptionGroup var device: DeviceOptions
    @OptionGroup var precision: PrecisionOptions

    /// What was not as it should be.
    private struct Tally {
        var failed = 0, unchecked = 0, unreadable = 0
    }

    func run() throws {
        let engine = try device.engine(precision.precision, saysCompilations: false)
        var tally = Tally()
        prepare(on: engine)
        for path in files {
            do {
                try verify(path, on: engine, &tally)
            } catch let failure as OutputFailure {
                throw failure
            } catch {
                // The others are none the worse for it.
                Terminal.note("Error: \(error)")
                tally.unreadable += 1
            }
        }
        if tally.failed > 0 { try Terminal.print("\(tally.failed) quantities are out of tolerance") }
        for (count, what) in [(tally.unchecked, "not checked"), (tally.unreadable, "not read")] where count > 0 {
            try Terminal.print("\(count) \(count == 1 ? "file was" : "files were") \(what)")
        }
        guard tally.failed + tally.unchecked + tally.unreadable == 0 else { throw ExitCode(1) }
    }

    /// Has what the networks' files need compiled beside each other. What is wrong with a file is said in its turn.
    private func prepare(on engine: Engine) {
        for path in files {
            guard let golden = try? GoldenFile(contentsOf: URL(fileURLWithPath: path)),
                let computations = try? GoldenComputations(golden)
            else { continue }
            engine.prepare(computations.all)
        }
    }

    private func verify(_ path: String, on engine: Engine, _ tally: inout Tally) throws {
        let url = URL(fileURLWithPath: path)
        guard try Toolbox.kind(ofFileAt: url) != nil else {
            tally.failed += try verifyNetwork(path, on: engine)
            return
        }
        switch try Toolbox.compare(url, on: engine) {
        case .unknownKind(let kind):
            try Terminal.print("\(path): \(kind), no check here yet")
            tally.unchecked += 1
        case .compared(let comparisons):
            let worst = comparisons.max { $0.isBetter(than: $1) }
            try Terminal.print("\(path): \(comparisons.count) values; \(worst.map { "worst \($0)" } ?? "")")
            for comparison in comparisons where verbose || !comparison.isWithinTolerance {
                try Terminal.print("  \(comparison)")
            }
            tally.failed += comparisons.count { !$0.isWithinTolerance }
        }
    }

    /// Verifies a network's golden file; returns how many quantities are out of tolerance.
    private func verifyNetwork(_ path: String, on engine: Engine) throws -> Int {
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
        return comparisons.count { !$0.isWithinTolerance }
    }
}
