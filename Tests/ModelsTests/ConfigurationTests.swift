import Flows
import Foundation
import Models
import Settings
import Testing

@Suite("Model configurations")
struct ConfigurationTests {
    @Test("Defaults are the reference's")
    func defaults() throws {
        let unet = UNet.Configuration()
        #expect(unet.channels == [32, 64, 128] && unet.numResidualLayers == 2 && unet.tEmbedDim == 40)
        let dit = DiT.Configuration()
        #expect(dit.mlpRatio == 4 && dit.hiddenDim == 384 && dit.depth == 6 && dit.numHeads == 6 && dit.patchSize == 4)
        let mamba = Mamba.Configuration()
        #expect(mamba.dModel == 256 && mamba.dState == 16 && mamba.dConv == 4 && mamba.expand == 2)
        for configuration in Networks.registry.members {
            #expect(configuration.value(of: "image_size") == .integer(32))
            #expect(configuration.value(of: "num_classes") == .integer(10))
        }
    }

    @Test(
        "Every kind has a network at its defaults, of the sizes that its settings say",
        arguments: Networks.registry.names)
    func networks(kind: String) throws {
        let network = try ModelSlot.network(kind)
        #expect(network.imageShape == [1, 32, 32] && network.classCount == 10 && network.nullLabel == 10)
        let other = try ModelSlot.network(kind, ["image_size=64", "image_channels=3", "num_classes=7"])
        #expect(other.imageShape == [3, 64, 64] && other.classCount == 7 && other.nullLabel == 7)
        for classes in [0, 1, 37, 5000] {
            #expect(try ModelSlot.network(kind, ["num_classes=\(classes)"]).nullLabel == classes)
        }
    }

    @Test("Settings are read from assignments, the last one counts")
    func assignments() throws {
        let unet = try ModelSlot.configuration("unet", ["channels=8,16,32", "t_embed_dim=16", "t_embed_dim=20"])
        #expect(unet.value(of: "channels") == .list([8, 16, 32].map { .integer($0) }))
        #expect(unet.value(of: "t_embed_dim") == .integer(20))
        #expect(
            try ModelSlot.configuration("unet", ["channels=[8, 16]"]).value(of: "channels")
                == .list([.integer(8), .integer(16)]))
        let dit = try ModelSlot.configuration("dit", ["mlp_ratio=2", "depth=1.0"])
        #expect(dit.value(of: "mlp_ratio") == .number(2))
        #expect(dit.value(of: "depth") == .integer(1))
        #expect(try ModelSlot.configuration("dit") as? DiT.Configuration == DiT.Configuration())
    }

    @Test("A configuration survives being saved", arguments: Networks.registry.names)
    func saved(kind: String) throws {
        var slot = ModelSlot()
        slot.model = try ModelSlot.configuration(kind, ["num_classes=7"])
        let file = try SettingsFile(slot.json(), path: "config.json")
        #expect(try ModelSlot().applying(file.assignments) == slot)
    }

    @Test("A model that does not exist is an error that lists those that do")
    func unknownModel() {
        let error = #expect(throws: SettingsError.self) { try ModelSlot.configuration("gan") }
        #expect(error?.description.contains("model is 'gan'") == true)
        #expect(error?.description.contains(Networks.registry.names.joined(separator: ", ")) == true)
    }

    @Test("A setting of another model says which model has it")
    func unknown() throws {
        let error = #expect(throws: SettingsError.self) { try ModelSlot.configuration("mamba", ["num_heads=3"]) }
        let text = try #require(error?.description)
        #expect(text.hasPrefix("model.num_heads"))
        #expect(text.contains("is a setting of dit, but model is mamba"))
    }

    @Test(
        "A value of the wrong kind says what is taken",
        arguments: [
            ("dit", "depth=2.5", "an integer"), ("dit", "depth=1e12", "an integer"), ("dit", "depth=1,2", "an integer"),
            ("dit", "depth=", "an integer"), ("dit", "depth=four", "an integer"), ("dit", "depth=nan", "an integer"),
            ("dit", "mlp_ratio=1,2", "a number"), ("unet", "channels=1.5", "a list"),
            ("unet", "channels=a,b", "a list"), ("unet", "channels=32,,64", "a list"),
            ("unet", "channels=[32", "a list"), ("unet", "channels=", "a list"),
        ])
    func wrongKind(model: String, assignment: String, rule: String) throws {
        let error = #expect(throws: SettingsError.self) { try ModelSlot.configuration(model, [assignment]) }
        let problems = try #require(error).problems
        guard case .value(let key, let value, let said, _, _) = problems.first, problems.count == 1 else {
            Issue.record("\(problems)")
            return
        }
        #expect("model.\(assignment)" == "\(key)=\(value)")
        #expect(said.hasPrefix(rule), "\(said)")
    }

    @Test(
        "Impossible values name their key and rule",
        arguments: [
            ("dit", ["hidden_dim=100", "num_heads=3"], "num_heads", "a divisor of hidden_dim, 100"),
            ("dit", ["patch_size=5"], "patch_size", "a divisor of image_size, 32"),
            ("dit", ["t_embed_dim=7"], "t_embed_dim", "even"), ("dit", ["depth=0"], "depth", "from 1 to 1024"),
            ("dit", ["depth=-1"], "depth", "from 1 to 1024"), ("dit", ["mlp_ratio=0"], "mlp_ratio", "above 0"),
            ("dit", ["mlp_ratio=1000"], "mlp_ratio", "at most 64"),
            ("dit", ["mlp_ratio=0.001"], "mlp_ratio", "has a width"),
            ("dit", ["hidden_dim=1000000000"], "hidden_dim", "from 1 to 65536"),
            ("mamba", ["d_state=0"], "d_state", "from 1 to 65536"), ("mamba", ["expand=0"], "expand", "from 1 to 1024"),
            ("mamba", ["patch_size=64"], "patch_size", "a divisor of image_size, 32"),
            ("mamba", ["t_embed_dim=3"], "t_embed_dim", "even"),
            ("mamba", ["expand=65536"], "expand", "from 1 to 1024"),
            ("unet", ["channels=32"], "channels", "a list of 2 to 16"),
            ("unet", ["channels=32,0"], "channels", "from 1 to 65536"),
            ("unet", ["channels=32,-8"], "channels", "from 1 to 65536"),
            ("unet", ["t_embed_dim=41"], "t_embed_dim", "even"),
            ("unet", ["image_size=30"], "image_size", "a multiple of 4"),
            ("unet", ["channels=4,4,4,4", "image_size=28"], "image_size", "a multiple of 8"),
            ("unet", ["num_residual_layers=0"], "num_residual_layers", "from 1 to 1024"),
            ("unet", ["channels=4611686018427387904,4"], "channels", "from 1 to 65536"),
            ("unet", ["channels=" + Array(repeating: "1", count: 80).joined(separator: ",")], "channels", "2 to 16"),
            ("unet", ["image_channels=65536"], "image_channels", "from 1 to 1024"),
            ("dit", ["image_channels=65536"], "image_channels", "from 1 to 1024"),
        ])
    func impossible(model: String, assignments: [String], key: String, rule: String) throws {
        let error = #expect(throws: SettingsError.self) { try ModelSlot.configuration(model, assignments) }
        let problems = try #require(error).problems
        guard case .value("model.\(key)", _, let said, _, _) = problems.first, problems.count == 1 else {
            Issue.record("\(problems) are not about \(key) alone")
            return
        }
        #expect(said.contains(rule), "\(said)")
    }

    @Test("All impossible sizes of a network are told at once, also where its sizes were set in Swift")
    func all() throws {
        let error = #expect(throws: SettingsError.self) {
            try ModelSlot.configuration("dit", ["depth=0", "patch_size=-1", "mlp_ratio=wide"])
        }
        #expect(error?.problems.count == 3)
        var sizes = DiT.Configuration()
        (sizes.tEmbedDim, sizes.patchSize, sizes.numHeads) = (7, 5, 5)
        let thrown = #expect(throws: SettingsError.self) { try sizes.makeNetwork() }
        #expect(thrown?.problems.count == 3)
    }
}
