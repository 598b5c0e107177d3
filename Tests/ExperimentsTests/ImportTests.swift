import Compute
import Experiments
import Flows
import Formats
import Foundation
import Models
import NN
import Settings
import StableHLO
import TestSupport
import Testing
import Training

@Suite("Weights of another program")
struct ImportTests {
    private let workplace: Workplace

    init() throws { workplace = try Workplace() }

    /// A state dict of a network, each tensor's elements counted on from those of the one before.
    private func tensors(_ settings: String..., prefix: String = "", from first: Float = 0) throws -> [TensorEntry] {
        let tree = try ParameterTree(of: workplace.configuration().applying(assignments(settings)).model.makeNetwork())
        var next = first
        return try tree.entries.map { entry in
            let type = entry.parameter.type
            defer { next += Float(type.elementCount) }
            let values = (0..<type.elementCount).map { 1e-3 * (next + Float($0)) }
            return type.elementType == .float32
                ? try TensorEntry(name: prefix + entry.name, shape: type.shape, values: values)
                : try TensorEntry(name: prefix + entry.name, shape: type.shape, values: values.map { Int64($0) })
        }
    }

    private func file(_ tensors: [TensorEntry], metadata: [String: String] = [:]) throws -> URL {
        let url = workplace.url.appendingPathComponent("weights-\(UUID().uuidString).safetensors")
        try SafetensorsFile.write(tensors, metadata: metadata, to: url)
        return url
    }

    private func imported(
        _ url: URL, _ settings: [String] = ["model.num_heads=2"], entry: String? = nil, ignoresExtra: Bool = false
    ) throws -> ImportedRun {
        var request = ImportedRun.Request()
        request.entry = entry
        request.ignoresExtra = ignoresExtra
        return try ImportedRun(url, settings: [assignments(settings)], request, places: workplace.places)
    }

    private func message(_ body: () throws -> ImportedRun) -> String {
        do {
            _ = try body()
            return ""
        } catch {
            return "\(error)"
        }
    }

    /// The tensors of a run that was written.
    private func written(_ run: ImportedRun) throws -> SafetensorsFile {
        let folder = workplace.run("run-\(UUID().uuidString)")
        try run.write(to: folder)
        #expect(try folder.file().configuration == run.configuration)
        return try SafetensorsFile(contentsOf: folder.checkpointFile(step: 0))
    }

    @Test(
        "Wrappers' words are taken off names, whatever their nesting",
        arguments: [
            "", "module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "model.", "net.",
            "model.module.net.",
            "trainer.ema_model._orig_mod.",
        ])
    func wrappers(prefix: String) throws {
        let plain = try tensors()
        let optimizer = try TensorEntry(name: "optimizer.weight", shape: [1], values: [1 as Float])
        let beside = prefix.isEmpty || prefix.hasPrefix("_orig_mod") || prefix.hasPrefix("module") ? [] : [optimizer]
        let run = try imported(file(tensors(prefix: prefix) + beside))
        #expect(run.notices.contains { $0.contains("taken off") } == !prefix.isEmpty)
        #expect(run.notices.contains { $0.contains("left out: 1 tensors") } == !beside.isEmpty)
        let checkpoint = try written(run)
        for tensor in plain {
            #expect(try checkpoint.tensor(tensor.name).bytes() == tensor.bytes(), "\(tensor.name)")
        }
        #expect(checkpoint.entries.count == plain.count)
        let inner = plain.map { $0.named($0.name.replacing(".0.", with: ".0._orig_mod.")) }
        #expect(try written(imported(file(inner))).entries.count == plain.count)
    }

    @Test("Averaged weights are taken before others, unless an entry is named")
    func averaged() throws {
        let url = try file(tensors(prefix: "model.") + tensors(prefix: "model_ema.", from: 5))
        let run = try imported(url)
        #expect(run.notices.contains("the weights are those under 'model_ema'"))
        #expect(run.notices.contains { $0.contains("'model'") && $0.contains("--entry") })
        func first(_ run: ImportedRun) throws -> Float {
            try #require(try written(run).tensor("pos_embed").values(as: Float.self).first)
        }
        let (average, own) = try (first(run), first(imported(url, entry: "model")))
        #expect(abs(average - own - 5e-3) < 1e-6)
        #expect(message { try imported(url, entry: "ema") }.contains("no weights under 'ema'"))
    }

    @Test("The network is found in the shapes", arguments: Networks.registry.kinds.map(\.kindName))
    func found(kind: String) throws {
        let settings = [
            "unet": [
                "model.channels=4,8,12", "model.num_residual_layers=3", "model.t_embed_dim=6", "model.y_embed_dim=5",
                "model.image_channels=3", "model.num_classes=7", "model.image_size=16",
            ],
            "dit": [
                "model.hidden_dim=30", "model.num_heads=3", "model.depth=3", "model.patch_size=3",
                "model.image_size=12",
                "model.mlp_ratio=1.7", "model.num_classes=0", "model.t_embed_dim=4",
            ],
            "mamba": [
                "model.d_model=12", "model.d_state=5", "model.d_conv=2", "model.expand=3", "model.depth=4",
                "model.patch_size=2", "model.image_size=6", "model.image_channels=3",
            ],
        ]
        let expected = try RunConfiguration().applying(assignments(["model=\(kind)"] + (settings[kind] ?? [])))
        let tree = try ParameterTree(of: expected.model.makeNetwork())
        let tensors = try tree.entries.map { entry in
            let type = entry.parameter.type
            return try TensorEntry(
                name: entry.name, dataType: type.elementType, shape: type.shape,
                bytes: [UInt8](repeating: 0, count: type.elementCount * type.elementType.byteCount))
        }
        let untold = (settings[kind] ?? []).filter { $0.hasPrefix("model.num_heads") || $0 == "model.image_size=16" }
        let run = try imported(file(tensors), untold)
        let sizes = { (configuration: RunConfiguration) in
            configuration.flattened().filter { $0.key.hasPrefix("model") }.map { "\($0.key)=\($0.value)" }
        }
        #expect(sizes(run.configuration) == sizes(expected))
        // It is a run of the usual data but for its network.
        #expect(run.configuration.training == RunConfiguration().training)
    }

    @Test("What shapes do not tell is asked for where the weights need it, and said where they do not")
    func untold() throws {
        let url = try file(tensors())
        let text = message { try imported(url, []) }
        #expect(
            text.contains("a DiT with") && text.contains("model.hidden_dim=16")
                && text.contains("--set model.num_heads="))
        let unet = try file(tensors("model=unet", "model.channels=4,8"))
        #expect(try imported(unet, []).notices.contains { $0.contains("model.image_size") && $0.contains("32") })
        #expect(try !imported(unet, ["model.image_size=8"]).notices.contains { $0.contains("image_size") })
    }

    @Test("Differences are a table with a line for tensors that differ alike")
    func differences() throws {
        let whole = try tensors("model.depth=3")
        let text = message { try imported(file(whole), ["model.num_heads=2", "model.depth=4", "model.patch_size=4"]) }
        let lines = text.split(separator: "\n").map(String.init)
        #expect(
            lines[0].contains("does not fit DiT") && lines[0].contains("10 are missing and 4 have another shape"),
            "\(text)")
        #expect(lines[1].split(separator: " ", omittingEmptySubsequences: true).first == "difference")
        #expect(
            lines.contains {
                $0.contains("missing") && $0.contains("blocks.3.attn.in_proj_weight") && $0.contains("48 x 16")
            })
        #expect(lines.contains { $0.contains("other shape") && $0.contains("pos_embed") && $0.contains("1 x 16 x 16") })
        #expect(text.contains("and 2 more") && lines.count < 20)

        let deeper = message { try imported(file(whole), ["model.num_heads=2", "model.depth=1"]) }
        #expect(
            deeper.contains("20 of the file's are unexpected") && deeper.contains("blocks.*.mlp.0.bias (2 tensors)"))
        #expect(deeper.contains("--ignore-extra"))
        let shallow = try imported(file(whole), ["model.num_heads=2", "model.depth=1"], ignoresExtra: true)
        #expect(shallow.notices.contains { $0.contains("left out") && $0.contains("and 15 more") })

        let integers = try whole.map {
            $0.name == "pos_embed"
                ? try TensorEntry(name: $0.name, dataType: .int32, shape: $0.shape, bytes: $0.bytes()) : $0
        }
        #expect(message { try imported(file(integers)) }.contains("I32 1 x 16 x 16"))
        let other = try file([TensorEntry(name: "transformer.wte.weight", shape: [1], values: [1 as Float])])
        #expect(message { try imported(other) }.contains("transformer.wte.weight) are those of no network"))
        #expect(message { try imported(other, ["model=unet"]) }.contains("does not fit UNet"))
        #expect(message { try imported(other, ["model=unett"]) }.contains("did you mean 'unet'?"))
    }

    @Test("A tensor that safetensors wrote once for several names is each of them")
    func twins() throws {
        let name = "blocks.0.mlp.2.bias"
        let all = try tensors()
        let run = try imported(file(all.filter { $0.name != name }, metadata: [name: "blocks.0.attn.out_proj.bias"]))
        #expect(run.notices.contains { $0.contains(name) && $0.contains("one tensor") })
        let checkpoint = try written(run)
        #expect(try checkpoint.tensor(name).bytes() == checkpoint.tensor("blocks.0.attn.out_proj.bias").bytes())
    }

    @Test("What is not finite makes no run")
    func notFinite() throws {
        var all = try tensors()
        all[3] = try TensorEntry(
            name: all[3].name, shape: all[3].shape, values: [Float](repeating: .nan, count: all[3].elementCount))
        let run = try imported(file(all))
        #expect(throws: ImportError.self) { try run.write(to: workplace.run()) }
        #expect(!FileManager.default.fileExists(atPath: workplace.run().url.path))
    }

    @Test(
        "An exported run says what it is, in any type of numbers", arguments: ExportedWeights.NumberType.allCases)
    func exported(type: ExportedWeights.NumberType) throws {
        let science = ["path=cosine", "prediction=noise", "model.num_heads=2"]
        let folder = workplace.run()
        try imported(file(tensors()), science).write(to: folder)
        let weights = try ExportedWeights(folder, as: type)
        let url = workplace.url.appendingPathComponent("export.safetensors")
        try weights.write(to: url)
        let names = [ExportedWeights.NumberType.float32: "F32", .float16: "F16", .bfloat16: "BF16"]
        let halves = try SafetensorsFile(contentsOf: url).entries.map(\.dataType.safetensorsName)
        #expect(Set(halves) == [names[type]])
        let run = try imported(url, [])
        #expect(run.configuration == (try folder.file().configuration))
        #expect(run.notices.contains { $0.contains("converted") } == (type != .float32))
        let tolerance: Float = type == .float32 ? 0 : type == .float16 ? 1 / 1024 : 1 / 128
        let (before, after) = (try SafetensorsFile(contentsOf: folder.checkpointFile(step: 0)), try written(run))
        for entry in before.entries {
            let pairs = try zip(entry.values(as: Float.self), after.tensor(entry.name).values(as: Float.self))
            #expect(pairs.allSatisfy { abs($0 - $1) <= tolerance * abs($0) }, "\(entry.name)")
        }
    }

    @Test("A damaged file is told in a sentence", arguments: ["unet", "dit", "mamba"])
    func damaged(name: String) throws {
        let whole = try Data(contentsOf: PyTorchWeights.url("\(name).pt"))
        let seed = UInt64.random(in: 0...UInt64.max)
        // Printed before, since a trap leaves no time afterwards.
        print("damaged \(name).pt, seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let url = workplace.url.appendingPathComponent("damaged.pt")
        for round in 0..<60 {
            var bytes = whole
            if round.isMultiple(of: 3) {
                bytes = bytes.prefix(Int.random(in: 0..<bytes.count, using: &random))
            } else {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] ^= UInt8.random(in: 1...255, using: &random)
            }
            try bytes.write(to: url)
            let text = message { try imported(url, PyTorchWeights.settings[name] ?? []) }
            // Padding and names of members that nobody asks for may change; a file that was cut short is never whole.
            #expect(!text.isEmpty || !round.isMultiple(of: 3), "round \(round)")
            #expect(text.isEmpty || text.contains(url.path), "\(text)")
        }
    }
}

/// Small networks as PyTorch saves them, and what it computes with them (`make_weights.py`).
private enum PyTorchWeights {
    /// What shapes do not tell.
    static let settings = ["unet": [], "dit": ["model.num_heads=2"], "mamba": []]

    static func url(_ name: String) throws -> URL {
        try #require(Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Goldens/weights"))
    }
}

@Suite("Networks that PyTorch saved", .needsPlugin)
struct PyTorchNetworkTests {
    @Test("They compute here what they compute there", arguments: ["unet", "dit", "mamba"])
    func velocity(name: String) throws {
        let workplace = try Workplace()
        let given = try assignments(PyTorchWeights.settings[name] ?? [])
        let run = try ImportedRun(PyTorchWeights.url("\(name).pt"), settings: [given], places: workplace.places)
        #expect(run.notices.contains { $0.contains("'_orig_mod.") || $0.contains("'module.") })
        #expect(run.notices.contains { $0.contains("from F16") } == (name == "dit"))
        try run.write(to: workplace.run())

        let engine = try Engine.shared
        let weights = try ExportedWeights(workplace.run())
        let tree = try ParameterTree(of: weights.network)
        let golden = try SafetensorsFile(contentsOf: PyTorchWeights.url("velocity.safetensors"))
        func floats(_ name: String) throws -> [Float] { try golden.tensor(name).values(as: Float.self) }
        let types = [TensorType([1] + weights.network.imageShape), TensorType([1]), TensorType([1], .int32)]
        let count = tree.entries.count
        let function = try engine.function("velocity", arguments: tree.types + types) { arguments in
            let context = Context(tree, values: Array(arguments[..<count]), mode: .evaluation)
            return [weights.network(arguments[count], at: arguments[count + 1], labels: arguments[count + 2], context)]
        }
        let labels = try golden.tensor("y").values(as: Int64.self).map { Int32($0) }
        let inputs = try [
            DeviceArray(floats("x"), types[0], on: engine.device),
            DeviceArray(floats("t"), types[1], on: engine.device),
            DeviceArray(labels, types[2], on: engine.device),
        ]
        let here = try function(weights.arrays(on: engine) + inputs)[0].values(as: Float.self).map(Double.init)
        let there = try floats("velocity.\(name)").map(Double.init)
        #expect(worstDifference(here, there) < 2e-5)
        #expect((there.map { $0 * $0 }.max() ?? 0) > 0.01)
    }
}
