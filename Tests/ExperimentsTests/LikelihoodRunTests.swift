import Compute
import Experiments
import Flows
import Formats
import Foundation
import Quality
import Sampling
import Settings
import TestSupport
import Testing
import Training

@Suite("What is read off a run's flow", .needsPlugin)
struct LikelihoodRunTests {
    private func trained(_ workplace: Workplace) throws -> RunFolder {
        let run = try TrainingRun(
            new: workplace.configuration("training.steps=1", "recording.checkpoint_every=1"), in: workplace.run())
        _ = try run.train(with: workplace.places, on: { try NativeEngine.shared.engine }, onEvent: { _ in })
        return run.folder
    }

    private func likelihood(
        _ workplace: Workplace, _ folder: RunFolder, _ settings: String..., list: String = "list.csv"
    ) throws -> LikelihoodRun {
        try LikelihoodRun(
            folder, changes: assignments(["solver=heun", "sampling.steps=3"] + settings),
            list: { _ in workplace.url.appendingPathComponent(list) }, with: workplace.places,
            on: { try NativeEngine.shared.engine })
    }

    private func lines(_ workplace: Workplace, _ list: String = "list.csv") throws -> [Substring] {
        try String(contentsOf: workplace.url.appendingPathComponent(list), encoding: .utf8).split(separator: "\n")
    }

    @Test("A list that was begun goes on to the one made at once; none goes on with other settings")
    func resumed() throws {
        let workplace = try Workplace()
        let folder = try trained(workplace)
        var resumed: [Int] = []
        func evaluate(_ images: Int, list: String = "list.csv") throws -> LikelihoodRun.Summary {
            try likelihood(workplace, folder, "likelihood.images=\(images)", list: list).evaluate {
                if case .resumed(let count) = $0 { resumed.append(count) }
            }
        }
        let first = try evaluate(2)
        #expect(first.images == 2 && first.wanted == 2 && first.dimensions == 64)
        #expect(first.originalSize == "28 x 28" && first.originalDimensions == 784)
        #expect(first.evaluations == 6 && first.probeError != nil)
        let all = try evaluate(3)
        #expect(resumed == [2] && all.images == 3 && all.imagesNow == 1)
        _ = try evaluate(3, list: "other.csv")
        let (parts, whole) = (try lines(workplace), try lines(workplace, "other.csv"))
        #expect(parts.count == 5 && parts[..<2] == whole[..<2])
        for (part, line) in zip(parts[2...], whole[2...]) {
            let (a, b) = (
                part.split(separator: ",").map { Double($0) ?? 0 }, line.split(separator: ",").map { Double($0) ?? 0 }
            )
            #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-3 * max(1, abs($1)) })
        }
        let mean = whole[2...].map { Double($0.split(separator: ",")[3]) ?? 0 }.reduce(0, +) / 3
        #expect(abs(mean - all.bitsPerDimension.value) < 1e-4)
        let error = #expect(throws: LikelihoodError.self) {
            try likelihood(workplace, folder, "likelihood.images=3", "divergence.probes=3")
        }
        #expect(error.map { "\($0)".contains("divergence.probes=2") } == true)
        try Data("no list".utf8).write(to: workplace.url.appendingPathComponent("no.csv"))
        #expect(throws: LikelihoodError.self) { try likelihood(workplace, folder, list: "no.csv") }
        #expect(throws: SamplingError.freshNoise) { try likelihood(workplace, folder, "solver=euler-maruyama") }
    }

    @Test("Random vectors find what the exact divergence is, and another program can repeat it")
    func exact() throws {
        let workplace = try Workplace()
        let folder = try trained(workplace)
        let state = workplace.url.appendingPathComponent("state.safetensors")
        let exact = try likelihood(workplace, folder, "likelihood.images=2", "divergence=exact", list: "exact.csv")
            .evaluate { _ in }
        let random = try likelihood(
            workplace, folder, "likelihood.images=2", "divergence.probes=64", "likelihood.conditional=true"
        ).evaluate(state: state) { _ in }
        let error = try #require(random.probeError)
        #expect(exact.probeError == nil)
        #expect(abs(exact.logDensity.value - random.logDensity.value) < 5 * error + 1e-3)
        let file = try SafetensorsFile(contentsOf: state)
        #expect(try file.tensor("points").shape == [2, 1, 8, 8] && file.tensor("probes").shape == [64, 2, 1, 8, 8])
        #expect(try file.tensor("probes").values(as: Float.self).allSatisfy { abs($0) == 1 })
        let densities = try file.tensor("log_density").values(as: Double.self)
        #expect(abs(densities.reduce(0, +) / 128 - random.logDensity.value) < 1e-3)
        // Points are within half a byte of the bytes that the split has.
        let points = try file.tensor("points").values(as: Float.self)
        #expect(points.allSatisfy { abs($0) <= 1 + 1.01 / 255 })
    }

    @Test("Images come back from their noise; a way that adds noise has no way back")
    func inverted() throws {
        let workplace = try Workplace()
        let folder = try trained(workplace)
        let run = try InversionRun(
            folder, changes: assignments(["solver=heun", "sampling.steps=20"]), with: workplace.places,
            on: { try NativeEngine.shared.engine })
        let outcome = try run.invert(3, guidance: 1) { _ in }
        #expect(outcome.errors.count == 3 && outcome.errors.allSatisfy { $0 < 1e-2 })
        #expect(outcome.evaluations == 80 && outcome.noise.count == 3 * 64)
        #expect(try outcome.picture(rows: 2).width == 3 * (16 + 2) + 2)
        #expect(throws: SamplingError.freshNoise) {
            try InversionRun(
                folder, changes: assignments(["solver=euler-maruyama"]), with: workplace.places,
                on: { try NativeEngine.shared.engine })
        }
    }

    @Test("An exported sampler says what it takes, and calls nothing that is not in it")
    func exported() throws {
        let workplace = try Workplace()
        let folder = try trained(workplace)
        let run = try SamplingRun(
            folder, changes: assignments(["sampling.steps=2"]), on: { try NativeEngine.shared.engine })
        let out = workplace.url.appendingPathComponent("sampler")
        #expect(try ExportedSampler(run, batchSize: 3, guidance: 2).write(to: out) == 4)
        struct Manifest: Decodable {
            struct Function: Decodable {
                struct Value: Decodable {
                    let name: String
                    let shape: [Int]
                    let type: String
                    let role: String?
                }
                let file: String
                let arguments: [Value]
                let results: [Value]
            }
            let sampler: Function
            let noise: Function
            let weights: String
        }
        let manifest = try JSONDecoder().decode(
            Manifest.self, from: Data(contentsOf: out.appendingPathComponent(ExportedSampler.descriptionFile)))
        let file = try SafetensorsFile(contentsOf: out.appendingPathComponent(manifest.weights))
        let weights = manifest.sampler.arguments.filter { $0.role == "weight" }
        #expect(Set(weights.map(\.name)) == Set(file.names))
        for weight in weights { #expect(try file.tensor(weight.name).shape == weight.shape) }
        #expect(manifest.sampler.results.map(\.shape) == [[3, 1, 8, 8]])
        #expect(manifest.noise.arguments.map(\.type) == ["uint64", "uint64"])
        for function in [manifest.sampler, manifest.noise] {
            let text = try String(contentsOf: out.appendingPathComponent(function.file), encoding: .utf8)
            #expect(text.contains("func.func public @main(") && !text.contains("custom_call"))
        }
    }
}
