import Compute
import Flows
import Formats
import Foundation
import Settings
import TestSupport
import Testing
import Training

@testable import Verification

/// Values that other libraries computed; see `Goldens/toolbox/README.md`.
@Suite("Golden files of the toolbox", .needsPlugin)
struct ToolboxTests {
    private static let files: [URL] =
        Bundle.module.urls(forResourcesWithExtension: "safetensors", subdirectory: "Goldens/toolbox")?.map { $0 as URL }
        ?? []

    private static let kinds = files.map { $0.deletingPathExtension().lastPathComponent }.sorted()

    private func file(_ kind: String) throws -> SafetensorsFile {
        try SafetensorsFile(
            contentsOf: #require(ToolboxTests.files.first { $0.lastPathComponent == "\(kind).safetensors" }))
    }

    private func compared(
        _ entries: [TensorEntry], _ metadata: [String: String]
    ) throws -> Toolbox.Outcome {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).safetensors")
        defer { try? FileManager.default.removeItem(at: url) }
        try SafetensorsFile.write(entries, metadata: metadata, to: url)
        return try Toolbox.compare(url, on: Engine.shared)
    }

    private func comparisons(_ outcome: Toolbox.Outcome) throws -> [Comparison] {
        guard case .compared(let comparisons) = outcome else {
            Issue.record("\(outcome)")
            return []
        }
        return comparisons
    }

    @Test("Every value is within tolerance", arguments: kinds)
    func values(kind: String) throws {
        let file = try file(kind)
        #expect(file.metadata["kind"] == kind)
        let comparisons = try comparisons(Toolbox.compare(URL(fileURLWithPath: file.path), on: Engine.shared))
        for comparison in comparisons { #expect(comparison.isWithinTolerance, "\(comparison)") }
        // All that is not an input is compared.
        let inputs: Set = ["noise", "data", "labels", "start"]
        let outputs = file.names.map { $0.split(separator: "/") }.filter {
            $0.count > 1 && !inputs.contains(String($0[$0.count - 1]))
        }
        #expect(comparisons.count >= outputs.count / 2, "\(comparisons.count) of \(outputs.count)")
    }

    @Test("Every kind of a slot has a value in a file, or is said to have none")
    func coverage() throws {
        let withoutGolden: [String: Set<String>] = [
            "times": ["uniform"], "coupling": ["independent"], "guidance": ["autoguidance"],
        ]
        /// Names that the files have for kinds, where they are others.
        let names = [
            "classifier-free": "cfg", "zero-star": "zero_star", "logit-normal": "logit_normal", "shifted": "shift",
            "cosine-mapped": "cosine_map", "optimal-transport": "exact", "entropic": "sinkhorn", "sgd": "sgd_momentum",
            "dormand-prince": "exact", "euler-maruyama": "sde",
        ]
        func check(_ slot: String, _ kinds: [String], _ known: [Substring]) {
            let known = Set(known.map(String.init))
            #expect(
                Set(kinds.filter { !known.contains(names[$0] ?? $0) }) == withoutGolden[slot, default: []], "\(slot)")
        }
        func firsts(_ kind: String) throws -> [Substring] { try file(kind).names.map { $0.prefix { $0 != "/" } } }
        let paths = try firsts("schedulers").map { $0.hasPrefix("polynomial-") ? "polynomial" : $0 }
        check("path", ProbabilityPaths.registry.names, paths)
        check("prediction", Predictions.registry.names, ["velocity", "noise", "data", "score"])
        check("guidance", Guidances.registry.names, try firsts("guidance"))
        check("times", TimeDistributions.registry.names, try firsts("times"))
        check("coupling", Couplings.registry.names, try firsts("couplings"))
        check("optimizer", Optimizers.registry.names, try firsts("optimizers"))
        let ways = try file("solvers").names.flatMap { $0.split(separator: "/").dropFirst() }
        check("solver", Solvers.registry.names, ways + ["sde"])
    }

    @Test("Other sizes and settings than the copies have are computed as well")
    func others() throws {
        let t = try TensorEntry(name: "t", shape: [2], values: [0.25, 0.5])
        func entry(_ name: String, _ values: [Double]) throws -> TensorEntry {
            try TensorEntry(name: name, shape: [2], values: values)
        }
        let outcome = try compared(
            [
                t, entry("polynomial-5/alpha", [pow(0.25, 5), pow(0.5, 5)]),
                entry("vp/alpha", [0.25, 0.5].map { exp(-0.25 * (1 - $0) * (1 - $0) * 9 - 0.5 * (1 - $0)) }),
            ], ["kind": "schedulers", "note": "vp: beta_min 1, beta_max 10"])
        let found = try comparisons(outcome)
        #expect(found.count == 4 && found.allSatisfy(\.isWithinTolerance), "\(found)")
    }

    @Test("A value that is off is found, and one that is not a number, and a kind that there is not")
    func deviations() throws {
        let file = try file("times")
        func changed(_ name: String, _ change: ([Double]) -> [Double]) throws -> [Comparison] {
            let entries = try file.entries.map { entry in
                entry.name == name
                    ? try TensorEntry(name: name, shape: entry.shape, values: change(entry.values(as: Double.self)))
                    : entry
            }
            return try comparisons(compared(entries, file.metadata)).filter { !$0.isWithinTolerance }
        }
        #expect(try changed("shift/3") { $0.map { $0 * 1.001 } }.count == 2)
        #expect(try changed("cosine_map") { [.nan] + $0.dropFirst() }.count == 2)
        let stranger = try TensorEntry(name: "shift/3/4", shape: [1], values: [1.0])
        let unknown = try comparisons(compared(file.entries + [stranger], file.metadata)).filter {
            !$0.isWithinTolerance
        }
        #expect(unknown.count == 1 && unknown[0].quantity.contains("no such"))
    }

    @Test("A file of a kind that is not computed here is said to be one, and one without its tensors is an error")
    func strangers() throws {
        let entry = try TensorEntry(name: "u", shape: [1], values: [0.5])
        guard case .unknownKind("tea") = try compared([entry], ["kind": "tea"]) else {
            Issue.record("a kind that there is not")
            return
        }
        for kind in Toolbox.checks.map({ $0.kind }) {
            #expect(throws: (any Error).self) { try compared([], ["kind": kind]) }
        }
        #expect(throws: VerificationError.self) { try compared([entry], [:]) }
    }
}
