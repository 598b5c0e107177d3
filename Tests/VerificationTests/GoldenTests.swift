import Compute
import Formats
import Foundation
import Models
import StableHLO
import TestSupport
import Testing
import Verification

@Suite("Golden files", .needsPlugin)
struct GoldenTests {
    private func url(_ model: String) throws -> URL {
        try #require(Bundle.module.url(forResource: model, withExtension: "safetensors", subdirectory: "Goldens"))
    }

    private func check(_ url: URL) throws -> [Verification.Comparison] {
        try GoldenCheck(GoldenFile(contentsOf: url), on: Engine.shared).run()
    }

    /// Checks a changed copy of the DiT's file.
    private func checkChanged(
        _ change: (inout [TensorEntry], inout [String: String]) throws -> Void
    ) throws -> [Verification.Comparison] {
        let file = try SafetensorsFile(contentsOf: url("dit"))
        var (entries, metadata) = (file.entries, file.metadata)
        try change(&entries, &metadata)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("golden-tests-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let changed = folder.appendingPathComponent("changed.safetensors")
        try SafetensorsFile.write(entries, metadata: metadata, to: changed)
        return try check(changed)
    }

    private func failure(
        _ change: (inout [TensorEntry], inout [String: String]) throws -> Void
    ) -> String {
        do {
            _ = try checkChanged(change)
            return "no error"
        } catch { return "\(error)" }
    }

    @Test("Every quantity is within tolerance", arguments: ["unet", "dit", "mamba"])
    func reference(model: String) throws {
        let comparisons = try check(url(model))
        for comparison in comparisons {
            #expect(comparison.isWithinTolerance, "\(comparison.quantity): \(comparison.error)")
        }
        let quantities = comparisons.map(\.quantity)
        for quantity in ["velocity_eval", "velocity_train", "loss", "all gradients", "losses", "after", "sample.x1"] {
            #expect(quantities.contains(quantity))
        }
        #expect(quantities.contains { $0.hasPrefix("grad.") })
    }

    @Test(
        "With operands rounded to bfloat16 every quantity is within that precision's tolerance",
        arguments: ["unet", "dit", "mamba"])
    func rounded(model: String) throws {
        let comparisons = try GoldenCheck(GoldenFile(contentsOf: url(model)), on: Engine.of(.bfloat16)).run()
        for comparison in comparisons {
            #expect(comparison.isWithinTolerance, "\(comparison.quantity): \(comparison.error)")
        }
        let exact = Tolerances(.float32)
        let velocity = try #require(comparisons.first { $0.quantity == "velocity_eval" })
        #expect(velocity.error > exact.velocity, "rounding is noticed")
    }

    @Test("A lower precision is allowed more, float32 the least")
    func tolerances() {
        let (exact, middle, rough) = (Tolerances(), Tolerances(.tensorFloat32), Tolerances(.bfloat16))
        for quantity in [\Tolerances.velocity, \.loss, \.losses, \.gradients, \.gradient, \.trainedState, \.sample] {
            #expect(exact[keyPath: quantity] <= middle[keyPath: quantity])
            #expect(middle[keyPath: quantity] < rough[keyPath: quantity])
        }
        #expect(exact.velocity == Tolerances(.float32).velocity)
    }

    @Test("A changed gradient is found, and named")
    func changedGradient() throws {
        let name = "grad.blocks.0.attn.in_proj_weight"
        let comparisons = try checkChanged { entries, _ in
            let index = try #require(entries.firstIndex { $0.name == name })
            let values = try entries[index].values(as: Float.self).map { $0 * 1.01 }
            entries[index] = try TensorEntry(name: name, shape: entries[index].shape, values: values)
        }
        let failed = comparisons.filter { !$0.isWithinTolerance }.map(\.quantity)
        #expect(failed.contains(name))
        #expect(!failed.contains { $0.hasPrefix("grad.") && $0 != name })
    }

    @Test("A reference that is not a number is out of tolerance")
    func notANumber() throws {
        let comparisons = try checkChanged { entries, _ in
            let index = try #require(entries.firstIndex { $0.name == "loss" })
            entries[index] = try TensorEntry(name: "loss", shape: entries[index].shape, values: [Float.nan])
        }
        #expect(comparisons.filter { !$0.isWithinTolerance }.map(\.quantity) == ["loss"])
    }

    @Test(
        "A missing tensor, parameter or gradient is named",
        arguments: ["x", "target", "losses", "sample.x0", "grad.pos_embed"])
    func missing(name: String) {
        let message = failure { entries, _ in entries.removeAll { $0.name == name } }
        #expect(message.contains("is not a file of reference tensors: it has no tensor '\(name)'"), "\(message)")
    }

    @Test("Parameters that are missing, too many or misshapen are listed")
    func parameters() {
        let message = failure { entries, _ in
            entries.removeAll { $0.name == "param.pos_embed" }
            entries.append(try TensorEntry(name: "param.extra", shape: [1], values: [1 as Float]))
            let index = try #require(entries.firstIndex { $0.name == "param.final_layer.1.bias" })
            entries[index] = try TensorEntry(name: "param.final_layer.1.bias", shape: [2], values: [1, 2] as [Float])
        }
        #expect(message.contains("do not fit the model"), "\(message)")
        #expect(message.contains("missing: pos_embed"), "\(message)")
        #expect(message.contains("unexpected: param.extra"), "\(message)")
        #expect(message.contains("of another shape or type: final_layer.1.bias"), "\(message)")
    }

    @Test("Inputs of a shape that the model does not take are errors", arguments: ["x", "sample.x0"])
    func misshapen(name: String) {
        let message = failure { entries, _ in
            let index = try #require(entries.firstIndex { $0.name == name })
            entries[index] = try TensorEntry(name: name, shape: [1, 4], values: [1, 2, 3, 4] as [Float])
        }
        #expect(message.contains("\(name)"), "\(message)")
        #expect(message.contains("the model takes [batch] + "), "\(message)")
    }

    @Test("A label that no table has, and times of another number, are errors")
    func labels() {
        for value in [Int64.max, -1, 11] {
            let message = failure { entries, _ in
                let index = try #require(entries.firstIndex { $0.name == "y" })
                let labels = [Int64](repeating: value, count: entries[index].elementCount)
                entries[index] = try TensorEntry(name: "y", shape: entries[index].shape, values: labels)
            }
            #expect(message.contains("label \(value)"), "\(message)")
        }
        let message = failure { entries, _ in
            let index = try #require(entries.firstIndex { $0.name == "t" })
            entries[index] = try TensorEntry(name: "t", shape: [1], values: [0.5] as [Float])
        }
        #expect(message.contains("1 values were given"), "\(message)")
    }

    @Test("Metadata that name no model or an impossible one")
    func metadata() {
        #expect(failure { _, metadata in metadata["model"] = nil }.contains("it has no metadata 'model'"))
        #expect(failure { _, metadata in metadata["model"] = "gan" }.contains("model is 'gan'"))
        let depth = failure { _, metadata in metadata["config"] = "{\"depth\": 0}" }
        #expect(depth.contains("model.depth is '0'") && depth.contains("it must be an integer from 1"), "\(depth)")
        #expect(failure { _, metadata in metadata["config"] = "no JSON" }.contains("is no configuration"))
    }

    @Test("A file that is none, or no safetensors file")
    func noFile() throws {
        #expect(throws: FormatError.self) { try GoldenFile(contentsOf: URL(fileURLWithPath: "/nonexistent/file")) }
        #expect(throws: FormatError.self) { try GoldenFile(contentsOf: URL(fileURLWithPath: #filePath)) }
    }
}
